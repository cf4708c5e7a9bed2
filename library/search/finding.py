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
from library.search.statement import Answer, answer, answer_with_some, counted
from library.search.terms import Question

# While somebody types, the best few are enough.
PAGE, TYPING_PAGE = 20, 8
# Where so few have all the words, those with some of them stand beside them, if they come close.
FEW, GOOD_ENOUGH = 8, 0.35
__all__ = ["BEST", "PAGE", "Found", "find", "matching"]
# Not fetched for a list: long, or only for the index.
HEAVY = ("body", "transcript", "words", "chapters", "used_where")
INSIDE = 60_000


@dataclass(frozen=True)
class Found:
    """One page of the answer. `is_near`: nothing had these words, these come close; `meant`: the
    words that were taken instead. `is_mixed`: `total` have all the words, the others some.
    `counts`: what each filter would leave."""

    rows: list[Resource]
    total: int
    next_id: str = ""
    is_near: bool = False
    is_mixed: bool = False
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
    if found.total >= FEW or (found.total and (is_typing or question.has_groups)):
        return _shown(found, question, after, size)
    near = _near(rows, question, filters, now, with_counts=not is_typing)
    if near is None:
        return _shown(found, question, after, size)
    wider, meant, some = near
    if found.total:
        mixed = replace(found, hits=_joined(found.hits, some.hits, question))
        return replace(_shown(mixed, wider, after, size), is_mixed=len(mixed.hits) > found.total)
    return replace(_shown(some, wider, after, size), is_near=True, meant=meant)


def _joined(
    hits: list[tuple[int, str]], some: list[tuple[int, str]], question: Question
) -> list[tuple[int, str]]:
    """Hits of one word stay in front; of several, a title with most may stand before a text with
    all of them."""
    first = hits if len(question.wanted) < 2 else some
    return list(dict.fromkeys([*first, *hits, *some]))


def matching(words: str) -> Q:
    """Rows that have these words, for lists that narrow only."""
    question = Question.ask(words)
    return Q() if question.is_empty else Q(Matches("search", question.all_of_it))


def _near(
    rows: QuerySet[Resource],
    question: Question,
    filters: Filters,
    now: datetime,
    *,
    with_counts: bool,
) -> tuple[Question, str, Answer] | None:
    """With the nearest words for those that nothing has: what has some of all these."""
    wider, meant = corrected(rows, replace(question, is_prefix=False))
    if meant and len(wider.wanted) == 1:
        # One word, and we know which: found as if it had been typed right.
        found = answer(rows, wider, filters, now, with_counts=with_counts)
        if found.total >= FEW:
            return wider, meant, found
    wider = wider.with_likes()
    if not meant and len(wider.wanted) < 2 and not any(term.also for term in wider.wanted):
        return None
    found = answer_with_some(rows, wider, filters, now)
    if not found.hits:
        return None
    enough = sum(score >= GOOD_ENOUGH * found.scores[0] for score in found.scores)
    most = enough if filters.sort == Sort.BEST else len(found.hits)
    return wider, meant, replace(found, hits=found.hits[:most], total=most)


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
