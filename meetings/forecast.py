"""The mails about meetings of the days to come, before they are queued: when, what, to how many."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from cop.core.time import after_quiet, before_quiet
from meetings.actions.invitations import (
    SPREAD,
    invitation_prefix,
    told_already,
    waiting_for_invitations,
)
from meetings.actions.nudges import find_nudges, nudge_prefix, nudging
from meetings.actions.reminders import A_DAY, LOOK_AHEAD, SILENT
from meetings.actions.thanks import TOOK_PLACE, plan_thanks
from meetings.emails import LINK_BEFORE
from meetings.models import Meeting, Rsvp
from meetings.queries.invitees import Invitees
from outbox.planned import Planned

Moments = list[tuple[datetime, int]]


def reminder_prefix(public_id: str) -> str:
    """How the keys of all reminders of one meeting begin."""
    return f"reminder:{public_id}:"


def planned_meeting_mails(
    scopes: Collection[str] | None, *, now: datetime, until: datetime
) -> list[Planned]:
    """All kinds of the plan. The number of queries is the same for one meeting and for many."""
    lines = planned_reminders(scopes, now=now, until=until)
    lines += _invitations(scopes, now)
    lines += _nudges(scopes, now, until)
    return lines


def planned_reminders(
    scopes: Collection[str] | None, *, now: datetime, until: datetime
) -> list[Planned]:
    """Both reminders and the thanks of each meeting. Two queries, whatever their number.

    `scopes`: public ids of communities; None means all.
    """
    meetings = Meeting.objects.filter(
        state__in=TOOK_PLACE,
        # The thanks of an evening leave in the morning.
        ends_at__gt=now - LOOK_AHEAD,
        starts_at__lte=until + LOOK_AHEAD,
    ).exclude(community__status__in=SILENT)
    meetings = _of(meetings, scopes)
    zones = _coming(meetings.values("pk"))
    rows = meetings.select_related("community").order_by("starts_at", "pk")
    return [
        line
        for meeting in rows
        for line in _three(meeting, zones.get(meeting.pk, {}), now)
        if line.first_at is not None and line.first_at <= until
    ]


def _of(meetings: QuerySet[Meeting], scopes: Collection[str] | None) -> QuerySet[Meeting]:
    return meetings if scopes is None else meetings.filter(community__public_id__in=scopes)


def _coming(meetings: object) -> dict[int, dict[tuple[str, bool], int]]:
    """meeting -> (time zone, wants the link mail) -> how many come and are still admitted."""
    going = Rsvp.objects.filter(state=Rsvp.State.GOING, meeting__in=meetings).still_admitted()
    counted = going.order_by().values_list(
        "meeting", "person__timezone", "person__meeting_choices__wants_link_mail"
    )
    found: dict[int, dict[tuple[str, bool], int]] = defaultdict(lambda: defaultdict(int))
    for meeting, zone, wants, n in counted.annotate(n=Count("pk")):
        found[meeting][zone, wants is not False] += n
    return found


def _three(
    meeting: Meeting, people: dict[tuple[str, bool], int], now: datetime
) -> Iterator[Planned]:
    zones: dict[str, int] = defaultdict(int)
    for (zone, _wants), n in people.items():
        zones[zone] += n
    each = list(zones.items()) or [(meeting.timezone, 0)]
    eve = [(before_quiet(meeting.starts_at - A_DAY, zone), n) for zone, n in each]
    links = sum(n for (_zone, wants), n in people.items() if wants)
    thanks = [(plan_thanks(ends_at=meeting.ends_at, zone=zone), n) for zone, n in each]
    prefix = reminder_prefix(meeting.public_id)
    yield from _line(meeting, prefix, "reminder_day_before", eve, now)
    door = [(meeting.starts_at - LINK_BEFORE, links)]
    yield from _line(meeting, prefix, "reminder_link", door, now)
    # As many at most: only those who were there get it.
    yield from _line(meeting, prefix, "thanks_feedback", thanks, now, at_most=True)


def _invitations(scopes: Collection[str] | None, now: datetime) -> Iterator[Planned]:
    """What the clock is about to queue. The rest of a large community follows minute by minute."""
    meetings = list(_of(waiting_for_invitations(now), scopes).select_related("community"))
    if not meetings:
        return
    invitees = Invitees({one.community for one in meetings}, now=now)
    told = told_already([invitation_prefix(one.public_id) for one in meetings])
    answered = set(Rsvp.objects.filter(meeting__in=meetings).values_list("meeting", "person"))
    for meeting in meetings:
        people = {
            one
            for one in invitees.written(meeting)
            if (meeting.public_id, one) not in told and (meeting.pk, one) not in answered
        }
        moments = [(after_quiet(now, meeting.timezone) + SPREAD, len(people))]
        prefix = invitation_prefix(meeting.public_id)
        yield from _line(meeting, prefix, "invitation", moments, now, at_most=True)


def _nudges(scopes: Collection[str] | None, now: datetime, until: datetime) -> Iterator[Planned]:
    """At most so many: whoever answers until then is not asked."""
    found: dict[Meeting, Moments] = defaultdict(list)
    for one in find_nudges(_of(nudging(now=now, until=until), scopes), now=now):
        found[one.meeting].append((one.due_at, 1))
    for meeting, moments in found.items():
        prefix = nudge_prefix(meeting.public_id)
        yield from _line(meeting, prefix, "nudge", moments, now, at_most=True)


def _line(
    meeting: Meeting,
    prefix: str,
    kind: str,
    moments: Moments,
    now: datetime,
    *,
    at_most: bool = False,
) -> Iterator[Planned]:
    # What was due a moment ago is being queued by the clock, and shows up as waiting.
    ahead = [(at, n) for at, n in moments if at > now - timedelta(seconds=1)]
    if not ahead:
        return
    first = min(at for at, _n in ahead)
    yield Planned(
        scope=meeting.community.public_id,
        prefix=prefix,
        kind=kind,
        on=first,
        first_at=first,
        last_at=max(at for at, _n in ahead),
        count=sum(n for _at, n in ahead),
        at_most=at_most,
        about=meeting,
    )
