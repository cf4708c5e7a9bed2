"""Which hit stands first."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchQueryField
from django.db.models import BooleanField, Expression, F, Func, IntegerField, Value
from django.db.models.functions import Cast

from library.search.filters import Filters, Sort
from library.search.terms import Question

# Ranking reads the whole index entry of a hit, so it gets this many: titles first, then newest.
CANDIDATES, BEST = 400, 300
TYPED = "cop_fold(%s)"
ASKED = "%s::tsquery"

# In small steps: fresh before old (two years are half), used before unused, in doubt last.
WORTH = """
* (0.85 + 0.15 * exp(-greatest(0, extract(epoch FROM %s - r.published_at)) / 63072000))
* (1 + 0.04 * ln(1 + r.used_count + r.helped_count))
* CASE WHEN r.state = 'review_due' OR r.link_state = 'dead' THEN 0.85 ELSE 1 END
"""
# The words in the title, beside each other at best; the summary; the text.
SCORE = f"""
(
    c.grade
    + ts_rank('{{0.1,0.2,0.5,1.0}}', r.head, {ASKED})
    + 0.5 * ts_rank('{{0.1,0.2,0.4,1.0}}', r.search, {ASKED}, 1)
    + CASE WHEN cop_fold(r.title) = {TYPED} THEN 1.0
           WHEN strpos(cop_fold(r.title), {TYPED}) > 0 THEN 0.5 ELSE 0 END
)
"""
CHOSEN = f"""
, candidates AS (
    SELECT id, public_id, grade FROM narrowed
    ORDER BY grade DESC, published_at DESC, id DESC LIMIT {CANDIDATES}
), ranked AS (
    SELECT c.id, c.public_id, {{score}} AS score
    FROM candidates AS c JOIN library_resource AS r ON r.id = c.id
    ORDER BY score DESC, c.id DESC LIMIT {BEST}
)
"""
BY_SCORE = CHOSEN.format(score=SCORE + WORTH)
BY_KEY = """
, ranked AS (
    SELECT id, public_id, {key} AS score FROM narrowed ORDER BY score DESC, id DESC LIMIT {best}
)
"""
KEYS = {
    Sort.NEWEST: "extract(epoch FROM published_at)",
    Sort.USED: "used_count * 100000.0 + helped_count",
}


class Matches(Func):
    """Whether a column of the index holds what the text of a tsquery asks for."""

    template, arg_joiner, output_field = "(%(expressions)s)", " @@ ", BooleanField()

    def __init__(self, column: str, query: str) -> None:
        super().__init__(F(column), Cast(Value(query), SearchQueryField()))


def grade(question: Question) -> Expression:
    """What is known without reading the whole entry: all in the title is 1, all in the head a
    half."""
    if not question.said:
        return Value(0.0)
    title = Cast(Matches("head", question.in_title), IntegerField())
    head = Cast(Matches("head", question.said), IntegerField())
    return (title + head) * Value(0.5)


def ranked(question: Question, filters: Filters, now: datetime) -> tuple[str, list[Any]]:
    """The rest of the statement after `narrowed`: a table `ranked` of id, public_id and score."""
    if filters.sort in KEYS or not question.said:
        return by_key(filters)
    typed = " ".join(term.text for term in question.wanted)
    return BY_SCORE, [question.said, question.said, typed, typed, now]


def by_key(filters: Filters) -> tuple[str, list[Any]]:
    return BY_KEY.format(key=KEYS.get(Sort(filters.sort), KEYS[Sort.NEWEST]), best=BEST), []
