"""Slips of the thumb: the words of the library that are nearest to what was typed."""

from collections.abc import Iterable
from dataclasses import replace
from string import ascii_lowercase

from django.db import connection
from django.db.models import QuerySet

from library.models import Resource, SearchWord
from library.search.folding import fold, slips
from library.search.little import is_little
from library.search.terms import Question, Term, compiled_words
from library.search.thesaurus import is_known

MOST_NEAR, MOST_LOOKED_AT, LONGEST_SLIPPED = 4, 30, 14
# Cheap letters in common first, by the index; the slips are counted on these few.
_ALIKE = """
SELECT given.n, near.word FROM unnest(%s::text[]) WITH ORDINALITY AS given(t, n)
CROSS JOIN LATERAL (
    SELECT word FROM library_searchword WHERE word %% given.t
    ORDER BY similarity(word, given.t) DESC, word LIMIT %s
) AS near ORDER BY given.n
"""


def corrected(rows: QuerySet[Resource], question: Question) -> tuple[Question, str]:
    """The question with each word that nothing has widened by its nearest, and what it then asks.

    Only words that find something among `rows` count: nothing else of the lexicon gets out. The
    words come back empty where none had to be changed.
    """
    terms = [term for term in question.wanted if _may_be_a_slip(term)]
    typed = [fold(term.text) for term in terms]
    near = [words[:MOST_NEAR] for words in _near_words(typed)] if typed else []
    known = _that_find(rows, {word for words in near for word in words})
    changed: dict[Term, Term] = {}
    meant: dict[Term, str] = {}
    for term, word, words in zip(terms, typed, near, strict=True):
        if word in known:
            continue
        good = [known[word] for word in words if word in known]
        if good:
            changed[term] = _widened(term, good)
            meant[term] = good[0].text
    if not changed:
        return question, ""
    wider = replace(question, terms=tuple(changed.get(term, term) for term in question.terms))
    return wider, " ".join(meant.get(term, term.text) for term in question.wanted)


def _may_be_a_slip(term: Term) -> bool:
    return not (term.is_phrase or is_little(term.text))


def _widened(term: Term, others: list[Term]) -> Term:
    english = dict.fromkeys(one.english for one in [*others, term] if one.english)
    french = dict.fromkeys(one.french for one in [*others, term] if one.french)
    return replace(term, english=" | ".join(english), french=" | ".join(french))


def _near_words(words: list[str]) -> list[list[str]]:
    """For each word those with the fewest slips between, then what it is written as two."""
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, [words, MOST_LOOKED_AT])
        alike: dict[int, list[str]] = {}
        for number, word in cursor.fetchall():
            alike.setdefault(number - 1, []).append(word)
    halves = {word: [(word[:n], word[n:]) for n in range(3, len(word) - 2)] for word in words}
    one_slip = {word: _one_slip(word) for word in words}
    asked = {half for pairs in halves.values() for pair in pairs for half in pair}
    asked = asked.union(words, *one_slip.values())
    known = set(SearchWord.objects.filter(word__in=asked).values_list("word", flat=True))
    near = []
    for at, word in enumerate(words):
        # A word of the field is no slip, even where the library has it not.
        others = set() if is_known(word) else {*alike.get(at, []), *(one_slip[word] & known)}
        close = _fewest_slips(word, others | ({word} & known))
        near.append(close + [" ".join(pair) for pair in halves[word] if known.issuperset(pair)])
    return near


def _one_slip(word: str) -> set[str]:
    """All that one slip makes of a word: of short ones hardly three letters in a row are left."""
    if len(word) > LONGEST_SLIPPED:
        return set()
    cuts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    left_out = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    added = {a + c + b for a, b in cuts for c in ascii_lowercase}
    changed = {a + c + b[1:] for a, b in cuts if b for c in ascii_lowercase}
    return left_out | swapped | added | changed


def _fewest_slips(typed: str, words: Iterable[str]) -> list[str]:
    most = 1 if len(typed) <= 4 else 2 if len(typed) <= 8 else 3
    counted = sorted((slips(typed, word), word[:1] != typed[:1], word) for word in words)
    return [word for number, _first, word in counted if number <= most]


def _that_find(rows: QuerySet[Resource], words: set[str]) -> dict[str, Term]:
    """Those that lead to one of the rows, by word. One statement for all."""
    terms = [term for term in compiled_words(sorted(words)) if term.either]
    if not terms:
        return {}
    visible, params = rows.order_by().values("pk", "search").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT n FROM unnest(%s::text[]) WITH ORDINALITY AS given(q, n) WHERE EXISTS "
            f"(SELECT 1 FROM ({visible}) AS shown WHERE shown.search @@ given.q::tsquery)",
            [[term.either for term in terms], *params],
        )
        return {terms[n - 1].text: terms[n - 1] for (n,) in cursor.fetchall()}
