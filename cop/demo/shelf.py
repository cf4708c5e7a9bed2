"""The libraries of the demo."""

from datetime import datetime, timedelta
from typing import Any

from cop.demo.dates import DemoCalendar, at
from library.actions import submit_resource
from library.models import Resource
from members.models import Community, User

# Groups arrive with their own issue; what only a group may see waits for it.
LATER = {"group"}


def make_resources(
    community: Community,
    rows: list[dict[str, Any]],
    by: User,
    texts: dict[str, Any],
    days: DemoCalendar,
) -> None:
    shown = [row for row in rows if row["vis"] not in LATER]
    for number, row in enumerate(shown):
        words = texts["resources"].get(row["title"], {})
        when = _when(row, number, len(shown), days)
        waiting = row.get("state") == "in_review"
        resource = submit_resource(
            community=community,
            person=by,
            now=when,
            publish=not waiting,
            kind=row["kind"],
            title=row["title"],
            summary=words.get("summary") or row["title"],
            body="" if words.get("url") else words.get("body") or row["title"],
            url=words.get("url", ""),
            language=row.get("lang", "en"),
            visibility=row["vis"],
            rights=row.get("rights", "own"),
            sensitivity=row.get("sensitivity", "none"),
            reading_minutes=row.get("min"),
            topics=words.get("topics", []),
        )
        if row.get("state") == "review_due":
            Resource.objects.filter(pk=resource.pk).update(
                state=Resource.State.REVIEW_DUE, review_due_on=days.today - timedelta(days=30)
            )


def _when(row: dict[str, Any], number: int, count: int, days: DemoCalendar) -> datetime:
    """Five days after its meeting; the others spread over the year so far."""
    if "meeting" in row:
        day = days.meeting(row["meeting"]) + timedelta(days=5)
    else:
        start = days.meeting(1)
        day = start + (days.today - start) * number // max(count, 1)
    return at(min(day, days.today - timedelta(days=1)))
