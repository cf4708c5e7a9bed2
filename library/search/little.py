"""Words that people type around what they mean. They count a little, and are never corrected."""

from library.search.folding import fold

WORDS = """
    able after again ago ahead also always another anybody anyone anything around ask asked
    asking away back be because before begin behind best better between both bring bringing
    brought but by call called calling came cannot come comes coming could day days different
    does doing done else end enough even ever every everybody everyone everything explain find
    finding first for found from gave get gets getting give given giving go goes going gone
    good got great had happen happens has have having hear help helping here hi hour how idea
    if important including into is it just keep keeps kind know last late later latest least
    let like little live long look looking lot made make makes making many may maybe me mean
    might more most much must need needed needs never new next no nobody none not nothing now
    often ok old once one only or other our out over own part people per person place please
    put question quick quickly quite rather really right said same saw say says see seen show
    since so some somebody someone something soon start started still such sure take taken
    takes taking talk tell than thanks that their them then there these they thing things
    think this those time tips to today together told tomorrow tonight too took tried try
    trying two under until up upon us use used using very want wanted wanting wants was way we
    week well went were what when where which while who why will with within without would
    year yes yesterday yet you your afin ainsi aller alors après assez aucun aujourd'hui aussi
    autour autre autres avant avoir beaucoup besoin bien bon bonjour bonne car ceci cela celle
    celui cet cette chaque chez chose comme comment contre demain depuis dernier derrière
    devant dire dois doit donc donner dont encore entre être faire fait faut hier ici jamais
    jour jours les leurs lors maintenant mieux moins mois nouveau nouvelle où parce parler
    pendant petit peu peut plus plusieurs pouvoir premier première près prochain puis quand
    que quel quelle quelles quelqu'un quels quelque quelques quoi rien sans savoir selon
    seulement si soit sont sous souvent sur tard temps toujours tous tout toute toutes très
    trop trouver veut veux vers voici voilà vouloir voir vraiment
"""
LITTLE = frozenset(fold(word) for word in WORDS.split())
WEIGHT = 0.25


def is_little(word: str) -> bool:
    return fold(word) in LITTLE
