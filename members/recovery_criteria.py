"""The four ways in which a recovery service of British Columbia qualifies (model-members 2.4).

A community takes them over with one button at the desk and then changes them as it likes. Which
public pages reviewers look at differs from place to place, so no addresses stand here.
"""

from typing import Any

from members.models import Criterion, EvidenceKind

Kind, Validity = EvidenceKind, Criterion.Validity
HEALTH_AUTHORITIES = [
    "Fraser Health", "Interior Health", "Island Health", "Northern Health",
    "Vancouver Coastal Health",
]  # fmt: skip
FUNDING_PAPERS = [Kind.FUNDING_LETTER, Kind.AGREEMENT_EXTRACT, Kind.FUNDER_EMAIL, Kind.OTHER]

RECOVERY_CRITERIA: list[dict[str, Any]] = [
    {
        "code": "LICENSED",
        "label": "Licensed",
        "label_fr": "Titulaire d’un permis",
        "help_text": "A community care facility licence for substance use treatment, from the "
        "licensing programme of a health authority.",
        "help_text_fr": "Un permis d’établissement de soins communautaires pour le traitement de "
        "l’usage de substances, du programme de permis d’une régie de la santé.",
        "examples": "The licence number\nA photo of the licence on the wall\n"
        "The address of your page in the health authority’s list",
        "examples_fr": "Le numéro du permis\nUne photo du permis affiché au mur\n"
        "L’adresse de votre page dans la liste de la régie de la santé",
        "not_enough": "A business licence of your city.",
        "not_enough_fr": "Un permis d’entreprise de votre ville.",
        "accepted_kinds": [Kind.REFERENCE, Kind.CERTIFICATE, Kind.PUBLIC_LISTING],
        "issuers": HEALTH_AUTHORITIES,
        "reference_label": "Name of the facility as on the licence, licence number if you have it",
        "reference_label_fr": "Nom de l’établissement comme sur le permis, numéro du permis "
        "si vous l’avez",
        "validity": Validity.TWELVE_MONTHS,
        "level": Criterion.Level.SITE,
    },
    {
        "code": "REGISTERED",
        "label": "Registered",
        "label_fr": "Inscrit au registre",
        "help_text": "On the provincial Assisted Living Registry, class supportive recovery.",
        "help_text_fr": "Au registre provincial des résidences avec assistance, catégorie "
        "rétablissement avec soutien.",
        "examples": "The name of the residence as the registry lists it\n"
        "A photo of the certificate: it hangs in the residence",
        "examples_fr": "Le nom de la résidence tel qu’il figure au registre\n"
        "Une photo du certificat : il est affiché dans la résidence",
        "not_enough": "A society number or a charity number is not a registration in this sense.",
        "not_enough_fr": "Un numéro de société ou d’organisme de bienfaisance n’est pas une "
        "inscription dans ce sens.",
        "accepted_kinds": [Kind.REFERENCE, Kind.CERTIFICATE, Kind.PUBLIC_LISTING],
        "issuers": ["Assisted Living Registry"],
        "reference_label": "Name of the residence, operator and city as on the registry",
        "reference_label_fr": "Nom de la résidence, exploitant et ville comme au registre",
        "validity": Validity.NEXT_31_MARCH,
        "doubt": Criterion.Doubt.SOCIETY_NUMBER,
        "is_tied_to_address": True,
        "level": Criterion.Level.SITE,
    },
    {
        "code": "PROV_FUNDED",
        "label": "Provincially funded",
        "label_fr": "Financé par la province",
        "help_text": "A current funding agreement with a health authority, a ministry, or an "
        "organization that passes provincial money on.",
        "help_text_fr": "Une entente de financement en cours avec une régie de la santé, un "
        "ministère, ou un organisme qui redistribue de l’argent de la province.",
        "examples": "A letter of the funder that names the service and the period\n"
        "The first page and the one with the signatures, amounts covered",
        "examples_fr": "Une lettre du bailleur de fonds qui nomme le service et la période\n"
        "La première page et celle des signatures, montants cachés",
        "not_enough": "Income assistance paid for single residents.",
        "not_enough_fr": "L’aide au revenu versée pour des résidents un à un.",
        "accepted_kinds": FUNDING_PAPERS,
        "issuers": [
            *HEALTH_AUTHORITIES, "Provincial Health Services Authority",
            "First Nations Health Authority", "A ministry", "CMHA BC", "BC Housing",
        ],
        "reference_label": "Who funds you, which programme, which period",
        "reference_label_fr": "Qui vous finance, quel programme, quelle période",
    },
    {
        "code": "FED_FUNDED",
        "label": "Federally funded",
        "label_fr": "Financé par le fédéral",
        "help_text": "A current federal funding agreement, or one through the First Nations "
        "Health Authority.",
        "help_text_fr": "Une entente de financement fédérale en cours, ou une entente par la Régie "
        "de la santé des Premières Nations.",
        "examples": "A letter of the funder that names the programme and the period\n"
        "The first page and the one with the signatures, amounts covered",
        "examples_fr": "Une lettre du bailleur de fonds qui nomme le programme et la période\n"
        "La première page et celle des signatures, montants cachés",
        "not_enough": "A one-time donation or grant that has ended.",
        "not_enough_fr": "Un don unique ou une subvention terminée.",
        "accepted_kinds": FUNDING_PAPERS,
        "issuers": [
            "Indigenous Services Canada", "First Nations Health Authority",
            "Correctional Service of Canada", "Health Canada", "Veterans Affairs Canada",
        ],
        "reference_label": "Who funds you, which programme, which period",
        "reference_label_fr": "Qui vous finance, quel programme, quelle période",
    },
]  # fmt: skip
