"""From what somebody asks to a page of rows."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Left

from library.models import Resource
from library.search.excerpts import excerpt_of
from library.search.filters import Filters, Sort
from library.search.nearest import corrected
from library.search.ranking import BEST, Matches
from library.search.statement import Answer, answer, counted
from library.search.terms import Question

# While somebody types, the best few are enough.
PAGE, TYPING_PAGE = 20, 8
__all__ = ["BEST", "PAGE", "Found", "find", "matching"]
# Not fetched for a list: long, or only for the index.
HEAVY = ("body", "transcript", "words", "chapters", "used_where")
INSIDE = 60_000


@dataclass(frozen=True)
class Found:
    """One page of the answer. `is_near`: nothing had these words, these come close; `meant`: the
    words that were taken instead. `counts`: what each filter would leave."""

    rows: list[Resource]
    total: int
    next_id: str = ""
    is_near: bool = False
    meant: str = ""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


def find(
    rows: QuerySet[Resource],
    filters: Filters,
    *,
    now: datetime,
    after: str = "",
    is_typing: bool = False,
) -> Found:
    """`rows`: what the reader may see. `after`: the public id of the last row already shown.
    `is_typing`: the last word is not finished, and nobody looks at the filters."""
    question = Question.ask(filters.words, is_prefix=is_typing) if filters.words else None
    if question is None or question.is_empty:
        return _browsed(rows, filters, after)
    found = answer(rows, question, filters, now, with_counts=not is_typing)
    size = TYPING_PAGE if is_typing else PAGE
    if found.total:
        return _shown(found, question, after, size)
    near = _near(rows, question, filters, now, after, size)
    return near or Found(rows=[], total=0, counts=found.counts)


def matching(words: str) -> Q:
    """Rows that have these words, for lists that narrow only."""
    question = Question.ask(words)
    return Q() if question.is_empty else Q(Matches("search", question.all_of_it))


def _near(
    rows: QuerySet[Resource],
    question: Question,
    filters: Filters,
    now: datetime,
    after: str,
    size: int,
) -> Found | None:
    """The nearest words; then whatever has some of them."""
    wider, meant = corrected(rows, replace(question, is_prefix=False))
    if meant:
        found = answer(rows, wider, filters, now)
        if found.total:
            return replace(_shown(found, wider, after, size), is_near=True, meant=meant)
    if len(wider.wanted) > 1:
        some = replace(wider, is_any=True)
        found = answer(rows, some, filters, now)
        if found.total:
            return replace(_shown(found, some, after, size), is_near=True)
    return None


def _shown(found: Answer, question: Question, after: str, size: int) -> Found:
    start = next((n for n, (_pk, public_id) in enumerate(found.hits, 1) if public_id == after), 0)
    wanted = [pk for pk, _public_id in found.hits[start : start + size + 1]]
    lexemes = [lexeme for term in question.wanted for lexeme in term.lexemes]
    light = [name for name in HEAVY if name not in {"body", "transcript"}]
    fetched = (
        Resource.objects.filter(pk__in=wanted[:size])
        .defer(*light)
        .annotate(inside=Left("file_text", INSIDE))
        .in_bulk()
    )
    shown = [fetched[pk] for pk in wanted[:size] if pk in fetched]
    for row in shown:
        text = f"{row.body} {row.transcript}"
        row.excerpt = excerpt_of(row.summary, text, row.inside, lexemes)  # type: ignore[attr-defined]
    next_id = shown[-1].public_id if shown and len(wanted) > size else ""
    return Found(shown, found.total, next_id, counts=found.counts)


def _browsed(rows: QuerySet[Resource], filters: Filters, after: str) -> Found:
    found = counted(rows, filters)
    keys = ["used_count", "helped_count"] if filters.sort == Sort.USED else []
    keys += ["published_at", "pk"]
    narrowed = _narrowed(rows, filters)
    last = narrowed.filter(public_id=after).values(*keys).first() if after else None
    if last is not None:
        narrowed = narrowed.filter(_beyond(keys, last))
    ordered = narrowed.defer(*HEAVY).order_by(*(F(key).desc() for key in keys))
    page = list(ordered[: PAGE + 1])
    next_id = page[PAGE - 1].public_id if len(page) > PAGE else ""
    return Found(page[:PAGE], found.total, next_id, counts=found.counts)


def _beyond(keys: list[str], last: dict[str, object]) -> Q:
    """Rows after this one, each key falling."""
    beyond, same = Q(pk__in=[]), Q()
    for key in keys:
        beyond |= same & Q(**{f"{key}__lt": last[key]})
        same &= Q(**{key: last[key]})
    return beyond


def _narrowed(rows: QuerySet[Resource], filters: Filters) -> QuerySet[Resource]:
    limits = {"5": (0, 5), "15": (6, 15), "60": (16, 32_767)}
    for name, value in filters.narrowing.items():
        if name == "topic":
            rows = rows.filter(topics__contains=[value])
        elif name == "minutes":
            rows = rows.filter(reading_minutes__range=limits[value])
        elif name == "stream":
            rows = rows.filter(stream__kind=value)
        else:
            rows = rows.filter(**{name: value})
    return rows
