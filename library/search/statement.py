"""One statement for a page of the library: the best hits, how many there are, and the counts.

Pieced together from names of our own; what people typed goes as parameters.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Cast

from library.models import Resource
from library.search.filters import Filters, Minutes
from library.search.ranking import Matches, grade, ranked
from library.search.some import grade_of_some, ranked_by_some, weights_of
from library.search.terms import Question

MOST_TOPICS = 40
# The facets but topics, of which a resource may have many.
CUBE = ("kind", "stream", "language", "year", "minutes", "visibility")


@dataclass(frozen=True)
class Answer:
    """`hits`: primary keys and public ids, the best first, with their `scores`. `counts`: facet,
    value, number."""

    total: int = 0
    hits: list[tuple[int, str]] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


def answer(
    rows: QuerySet[Resource],
    question: Question,
    filters: Filters,
    now: datetime,
    *,
    with_counts: bool = True,
) -> Answer:
    """The hits of a question among `rows`. `with_counts`: of the filters; the total always."""
    hits = rows.filter(Matches("search", question.all_of_it)).annotate(grade=grade(question))
    sql, params = _columns(hits, "grade")
    best, best_params = ranked(question, filters, now)
    return _asked(sql, params, filters, best, best_params, with_counts=with_counts)


def answer_with_some(
    rows: QuerySet[Resource], question: Question, filters: Filters, now: datetime
) -> Answer:
    """What has some of the words: the best, down to a good third of what the best is worth."""
    some = replace(question, is_any=True)
    weights = weights_of(rows, some)
    hits = rows.filter(Matches("search", some.all_of_it))
    sql, params = _columns(hits.annotate(grade=grade_of_some(some, weights)), "grade")
    best, best_params = ranked_by_some(some, weights, filters, now, question.said)
    return _asked(sql, params, filters, best, best_params, with_counts=True)


def counted(rows: QuerySet[Resource], filters: Filters) -> Answer:
    """Without words: the counts alone."""
    sql, params = _columns(rows)
    return _asked(sql, params, filters, "", [], with_counts=True)


def _columns(rows: QuerySet[Resource], *more: str) -> tuple[str, tuple[Any, ...]]:
    minutes = Case(
        When(reading_minutes__lte=5, then=Value(Minutes.SHORT.value)),
        When(reading_minutes__lte=15, then=Value(Minutes.MIDDLE.value)),
        When(reading_minutes__gt=15, then=Value(Minutes.LONG.value)),
        default=Value(""),
        output_field=CharField(),
    )
    wanted = rows.order_by().annotate(
        minutes=minutes, stream_kind=F("stream__kind"), year_text=Cast("year", CharField())
    )
    columns = wanted.values_list(
        "pk", "public_id", "published_at", "used_count", "helped_count", "topics",
        "kind", "stream_kind", "language", "year_text", "minutes", "visibility", *more,
    )  # fmt: skip
    sql, params = columns.query.sql_with_params()
    names = [
        "id",
        "public_id",
        "published_at",
        "used_count",
        "helped_count",
        "topics",
        *CUBE,
        *more,
    ]
    return f"SELECT * FROM ({sql}) AS all_hits({', '.join(names)})", params


def _asked(
    hits: str,
    params: tuple[Any, ...],
    filters: Filters,
    best: str,
    best_params: list[Any],
    *,
    with_counts: bool,
) -> Answer:
    pieces, values = [f"WITH hits AS MATERIALIZED ({hits})"], [*params]
    where, where_params = _where(filters.narrowing)
    if best:
        pieces.append(f", narrowed AS (SELECT * FROM hits {where}){best}")
        values += [*where_params, *best_params]
    if with_counts:
        for piece, piece_params in (_cube(filters.narrowing), _counts(filters.narrowing)):
            pieces += piece
            values += piece_params
    else:
        pieces.append(f" SELECT 'total', '', count(*), NULL::float FROM hits {where}")
        values += where_params
    if best:
        pieces.append(" UNION ALL (SELECT 'hit', public_id, id, score FROM ranked)")
    with connection.cursor() as cursor:
        cursor.execute("".join(pieces), values)
        return _read(cursor.fetchall())


def _cube(narrowing: dict[str, str]) -> tuple[list[str], list[str]]:
    """How many hits there are of each mixture of the small facets."""
    where, params = _where(narrowing, only=("topic",))
    names = ", ".join(CUBE)
    return [
        f", cube AS MATERIALIZED (SELECT {names}, count(*) AS n FROM hits {where} GROUP BY {names})"
    ], params


def _counts(narrowing: dict[str, str]) -> tuple[list[str], list[str]]:
    """Of each facet what it would leave beside the others; and the total of all."""
    where, params = _where(narrowing, only=CUBE)
    pieces = [f" SELECT 'total', '', sum(n)::bigint, NULL::float FROM cube {where}"]
    values = [*params]
    for name in CUBE:
        others = {facet: value for facet, value in narrowing.items() if facet != name}
        where, params = _where(others, only=CUBE)
        pieces.append(
            f" UNION ALL SELECT '{name}', {name}, sum(n)::bigint, NULL FROM cube {where} "
            f"GROUP BY {name}"
        )
        values += params
    where, params = _where(narrowing, only=CUBE)
    pieces.append(
        " UNION ALL (SELECT 'topic', t, count(*), NULL FROM (SELECT unnest(topics) AS t FROM hits "
        f"{where}) AS spread GROUP BY t ORDER BY 3 DESC, 2 LIMIT {MOST_TOPICS})"
    )
    return pieces, values + params


def _read(lines: list[tuple[str, str | None, int | None, float | None]]) -> Answer:
    total, hits = 0, []
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for tag, value, number, score in lines:
        if tag == "total":
            total = number or 0
        elif tag == "hit":
            hits.append((score or 0.0, number or 0, value or ""))
        elif value:
            counts[tag][value] = number or 0
    hits.sort(key=lambda hit: (-hit[0], -hit[1]))
    scores = [score for score, _pk, _public_id in hits]
    return Answer(total, [(pk, public_id) for _s, pk, public_id in hits], scores, dict(counts))


def _where(narrowing: dict[str, str], only: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    chosen = {name: v for name, v in narrowing.items() if not only or name in only}
    tests = ["topics @> ARRAY[%s]::varchar[]" if n == "topic" else f"{n} = %s" for n in chosen]
    return (f"WHERE {' AND '.join(tests)}" if tests else ""), list(chosen.values())
