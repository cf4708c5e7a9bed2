"""The reminders of the days to come, before they are queued: when, about what, to how many."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count

from cop.core.time import before_quiet
from meetings.actions.reminders import A_DAY, LOOK_AHEAD, SILENT
from meetings.emails import LINK_BEFORE
from meetings.models import Meeting, Rsvp
from outbox.planned import Planned


def reminder_prefix(public_id: str) -> str:
    """How the keys of all reminders of one meeting begin."""
    return f"reminder:{public_id}:"


def planned_reminders(
    scopes: Collection[str] | None, *, now: datetime, until: datetime
) -> list[Planned]:
    """Both reminders of each meeting to come. Two queries, whatever the number of meetings.

    `scopes`: public ids of communities; None means all.
    """
    meetings = Meeting.objects.filter(
        state=Meeting.State.SCHEDULED, starts_at__gt=now, starts_at__lte=until + LOOK_AHEAD
    ).exclude(community__status__in=SILENT)
    if scopes is not None:
        meetings = meetings.filter(community__public_id__in=scopes)
    zones = _coming(meetings.values("pk"))
    rows = meetings.select_related("community").order_by("starts_at", "pk")
    return [
        line
        for meeting in rows
        for line in _both(meeting, zones.get(meeting.pk, {}), now)
        if line.first_at <= until
    ]


def _coming(meetings: object) -> dict[int, dict[str, int]]:
    """meeting -> time zone -> how many said they come and are still admitted."""
    going = Rsvp.objects.filter(state=Rsvp.State.GOING, meeting__in=meetings).still_admitted()
    counted = going.order_by().values_list("meeting", "person__timezone").annotate(n=Count("pk"))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for meeting, zone, n in counted:
        found[meeting][zone] = n
    return found


def _both(meeting: Meeting, zones: dict[str, int], now: datetime) -> list[Planned]:
    eve = [
        (before_quiet(meeting.starts_at - A_DAY, zone), n)
        for zone, n in (zones or {meeting.timezone: 0}).items()
    ]
    door = [(meeting.starts_at - LINK_BEFORE, sum(zones.values()))]
    lines = [_line(meeting, "reminder_day_before", eve, now)]
    lines.append(_line(meeting, "reminder_link", door, now))
    return [line for line in lines if line is not None]


def _line(
    meeting: Meeting, kind: str, moments: list[tuple[datetime, int]], now: datetime
) -> Planned | None:
    # What was due a moment ago is being queued by the clock, and shows up as waiting.
    ahead = [(at, n) for at, n in moments if at > now - timedelta(seconds=1)]
    if not ahead:
        return None
    first = min(at for at, _n in ahead)
    return Planned(
        scope=meeting.community.public_id,
        prefix=reminder_prefix(meeting.public_id),
        kind=kind,
        on=first,
        first_at=first,
        last_at=max(at for at, _n in ahead),
        count=sum(n for _at, n in ahead),
        about=meeting,
    )
