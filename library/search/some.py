"""Where hardly anything has all the words: what has some of them, the telling ones first."""

import math
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, Expression, FloatField, QuerySet, Value, When

from library.models import Resource
from library.search.filters import Filters
from library.search.little import WEIGHT, is_little
from library.search.ranking import ASKED, CHOSEN, KEYS, WORTH, Matches, by_key
from library.search.terms import Question, Term, only_in_title

# What a word is worth by its place: in the title, in the head, in the text, only begun there.
TITLE, HEAD, BEGUN_IN_TITLE, TEXT, BEGUN = 3.0, 1.5, 1.5, 1.0, 0.5
# Of words that mean nearly the same.
LIKE_IN_TITLE, LIKE_IN_HEAD, LIKE = 2.0, 1.2, 0.6
ALL_THERE = 1.4
# Words are counted up to here; beyond, they tell nothing.
MOST_COUNTED = 1_000
_ONE = f"WHEN r.{{column}} @@ {ASKED} THEN %s"
_ALL = f"CASE WHEN r.search @@ {ASKED} THEN {ALL_THERE} ELSE 1 END"
_CLOSE = f"0.3 * ts_rank('{{0.1,0.2,0.4,1.0}}', r.search, {ASKED}, 1)"

Weights = list[float]


def weights_of(rows: QuerySet[Resource], question: Question) -> Weights:
    """Of each wanted word how much it tells: a rare one much, a common one little."""
    visible, params = rows.order_by().values("pk", "search").query.sql_with_params()
    one = (
        f"(SELECT count(*) FROM (SELECT 1 FROM ({visible}) AS shown "
        f"WHERE shown.search @@ {ASKED} LIMIT {MOST_COUNTED}) AS counted)"
    )
    values: list[Any] = []
    for term in question.wanted:
        values += [*params, _any_of(term)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([one] * len(question.wanted))}", values)
        numbers = cursor.fetchone()
    return [
        worth_of(number) * (WEIGHT if is_little(term.text) else 1)
        for term, number in zip(question.wanted, numbers, strict=True)
    ]


def worth_of(number: int) -> float:
    """Of a word that so many resources have."""
    return 1 / (0.2 + math.log(1 + number))


def _any_of(term: Term) -> str:
    return f"{term.beginning} | {term.also}" if term.also else term.beginning


def _places(term: Term) -> list[tuple[str, str, float]]:
    """Column, question and worth, the best first."""
    also = term.also or "''"
    places = [
        ("head", term.in_title, TITLE),
        ("head", only_in_title(also), LIKE_IN_TITLE) if term.also else None,
        ("head", term.either, HEAD),
        ("head", only_in_title(term.beginning), BEGUN_IN_TITLE),
        ("head", also, LIKE_IN_HEAD) if term.also else None,
        ("search", term.either, TEXT),
        ("search", also, LIKE) if term.also else None,
        ("search", term.beginning, BEGUN),
    ]
    return [place for place in places if place]


def grade_of_some(question: Question, weights: Weights) -> Expression:
    """By title and head alone."""
    parts = [
        Case(
            *(
                When(Matches(column, query), then=Value(worth * weight))
                for column, query, worth in _places(term)
                if column == "head"
            ),
            default=Value(0.0),
            output_field=FloatField(),
        )
        for term, weight in zip(question.wanted, weights, strict=True)
    ]
    return sum(parts[1:], parts[0])


def ranked_by_some(
    question: Question, weights: Weights, filters: Filters, now: datetime, everything: str
) -> tuple[str, list[Any]]:
    """As `ranked`; `everything`: the question that has all the words."""
    if filters.sort in KEYS:
        return by_key(filters)
    values: list[Any] = []
    sums = []
    for term, weight in zip(question.wanted, weights, strict=True):
        places = _places(term)
        sums.append(" ".join(_ONE.format(column=column) for column, _query, _worth in places))
        for _column, query, worth in places:
            values += [query, worth * weight]
    total = " + ".join(f"CASE {one} ELSE 0 END" for one in sums)
    score = f"(({total}) * {_ALL} + {_CLOSE}){WORTH}"
    return CHOSEN.format(score=score), [*values, everything, question.said, now]
