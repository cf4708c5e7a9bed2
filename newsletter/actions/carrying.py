"""A held issue hands its items on to the next one, as they were edited (N9: merge)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from cop.core.time import to_instant
from newsletter.models import IssueItem, IssuePicture, NewsletterIssue
from newsletter.queries import sources_of

State = NewsletterIssue.State
STEP = 10
# What a new copy of a picture takes along.
PICTURE = ("alt", "alt_fr", "content_type", "content", "width", "height", "added_at")
COPIED = (
    "kind", "title", "title_fr", "text", "text_fr", "path", "edition", "why", "source",
    "person_id",
)  # fmt: skip


@dataclass(frozen=True)
class Before:
    """The issues before this one. `since`: from when on things are new; `held`: whose items come
    along (their keys, the oldest first)."""

    since: datetime
    held: tuple[int, ...]


def look_back(issue: NewsletterIssue) -> Before:
    """New is what came since the last issue was put together that left, or was skipped for good:
    nothing falls between a draft and the end of its period.

    Held issues that carry over count as not written, and so do those nobody sent.
    """
    rows = issue.community.issues.filter(number__lt=issue.number).order_by("-number")
    begins, held = issue.period_from, []
    fields = ("pk", "state", "carries_over", "drafted_at", "period_from", "period_to")
    for pk, state, carries_over, drafted_at, period_from, period_to in rows.values_list(*fields):
        if state in NewsletterIssue.LEFT or (state == State.HELD and not carries_over):
            after = _start(period_to + timedelta(days=1), issue)
            return Before(drafted_at or after, tuple(reversed(held)))
        begins = min(begins, period_from)
        if state == State.HELD:
            held.append(pk)
    return Before(_start(begins, issue), tuple(reversed(held)))


def _start(day: date, issue: NewsletterIssue) -> datetime:
    return to_instant(day, time.min, issue.community.timezone)


def carry_over(issue: NewsletterIssue, held: tuple[int, ...]) -> int:
    """Copy what was in the held issues to the end of this one. Returns how many items."""
    if not held:
        return 0
    rows = IssueItem.objects.filter(issue__in=held, is_included=True)
    rows = rows.select_related("picture").order_by("issue__number", "position", "pk")
    alive = sources_of(rows)
    present = list(issue.items.values_list("source", "position"))
    known = {source for source, _position in present if source}
    position = max((position for _source, position in present), default=0)
    items = []
    for row in rows:
        if row.source and (row.source in known or row.source not in alive):
            continue
        known.add(row.source)
        position += STEP
        values: dict[str, Any] = {name: getattr(row, name) for name in COPIED}
        picture = _copied(row.picture, issue) if row.picture else None
        items.append(IssueItem(issue=issue, position=position, picture=picture, **values))
    IssueItem.objects.bulk_create(items)
    return len(items)


def _copied(picture: IssuePicture, issue: NewsletterIssue) -> IssuePicture:
    values = {name: getattr(picture, name) for name in PICTURE}
    return IssuePicture.objects.create(issue=issue, **values)
