"""Words of the field that mean nearly the same, in English and French.

Where hardly anything has the words that were typed, these count as well, for less: somebody who
asks in one language finds what was written in the other.
"""

from library.search.folding import fold, slips

GROUPS = """
accueil arrivée admission arrival intake welcome
aîné elder
animal animaux pet dog cat chien chat
argent money fund funding loyer rent rental deposit subsidy supplement subvention
autochtone indigenous first-nations
bénévole volunteer
budget cost price coût prix
conseil advice tip
consentement consent privacy confidentiality confidentialité permission
décès deuil mort death die died grief bereavement loss perte
départ sortie leaving leave discharge exit goodbye moving quitter
équipe personnel staff team worker employee employé colleague collègue
étude recherche research study evidence
expérience essai experiment trial test
famille family relative proche parent
femme woman women
feu incendie fire
fiche formulaire modèle form template sheet checklist worksheet card carte
formation cours training course workshop atelier
fumer tabac tobacco smoke smoking cigarette vape
histoire récit témoignage story
horaire roster rota schedule quart shift
inspection inspecteur inspector audit licensing licence permis
jardin garden
jeune youth young
logement housing apartment logis
maison house home foyer
médicament pilule medication medicine pill drug
méthadone methadone suboxone buprenorphine opioid agonist agoniste opioïde
naloxone narcan kit trousse
nuit night overnight nite
nourriture repas cuisine épicerie food meal grocery kitchen cooking recipe
note compte-rendu minutes notes
punaise bedbug pest
rechute relapse lapse
règle règlement rule curfew
relève handover
rencontre réunion meeting
rétablissement recovery
sécurité safety
sevrage withdrawal detox
sommeil insomnie sleep insomnia
sondage survey questionnaire
surdose overdose
téléphone cellulaire portable phone cell cellphone mobile wi-fi
traitement treatment therapy
travail emploi work job employment
violence conflit conflict fight anger colère
visite visiteur visit visitor guest
voisin neighbour neighbor street
"""


def _table() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in GROUPS.split("\n"):
        words = tuple(fold(word).replace("-", " ") for word in line.split())
        for word in words:
            others = tuple(other for other in words if other != word)
            table[word] = tuple(dict.fromkeys((*table.get(word, ()), *others)))
    return table


_TABLE = _table()
_ENDINGS = ("", "s", "x", "es")
SHORTEST_SLIPPED = 6


def is_known(word: str) -> bool:
    """A word of the field, whether or not the library has it."""
    return bool(_exact(fold(word)))


def alike(word: str) -> tuple[str, ...]:
    """Other words for it, also with one slip in it; nothing for words that are of no one field."""
    folded = fold(word)
    known = _exact(folded)
    if known or len(folded) < SHORTEST_SLIPPED:
        return known
    near = [one for one in _TABLE if abs(len(one) - len(folded)) < 2 and slips(one, folded) == 1]
    return (near[0], *_TABLE[near[0]]) if near else ()


def _exact(folded: str) -> tuple[str, ...]:
    for ending in _ENDINGS:
        known = _TABLE.get(folded.removesuffix(ending)) if folded.endswith(ending) else None
        if known:
            return known
    return ()
