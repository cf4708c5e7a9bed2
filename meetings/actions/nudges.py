"""One more question a week before, to those who come as a rule and have not answered (2.12)."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from cop.core.time import after_quiet
from meetings.access import watched
from meetings.actions.invitations import PER_TICK, SILENT, VOID, asking_mail, share_of_spread
from meetings.emails.invitations import nudge
from meetings.models import Attendance, Meeting, Rsvp
from meetings.queries.invitees import Invitees
from members.models import User
from outbox.actions import queue_emails
from outbox.models import Delivery, MailingList

A_WEEK = timedelta(days=7)
# Later than this the reminder of those who come leaves, and nobody is asked any more.
ENDS_BEFORE = timedelta(hours=24)
# Who got the invitation only now is not asked again at once.
AFTER_INVITING = timedelta(days=3)
LATEST_MEETINGS = 4
CHUNK = 50


def nudge_prefix(public_id: str) -> str:
    return f"nudge:{public_id}:"


@dataclass(frozen=True)
class Nudge:
    meeting: Meeting
    person: int
    due_at: datetime

    @property
    def key(self) -> str:
        return f"{nudge_prefix(self.meeting.public_id)}{self.person}:{self.meeting.sequence}"


def plan_nudge(*, starts_at: datetime, zone: str, announced_at: datetime | None) -> datetime | None:
    """When one person is asked again: a week before, by day where they live. None: not at all."""
    due_at = after_quiet(starts_at - A_WEEK, zone)
    if announced_at is not None and announced_at > due_at - AFTER_INVITING:
        return None
    return due_at


def keep_nudges(*, now: datetime) -> int:
    """Queue the nudges that are due. Returns how many are new.

    A few queries, whatever the number of meetings and people.
    """
    near = nudging(now=now, until=now).filter(starts_at__gt=now + ENDS_BEFORE)
    due = [one for one in find_nudges(near, now=now) if one.due_at <= now]
    if not due:
        return 0
    told = told_since(due)
    fresh = [one for one in due if _is_new(one, told)][:PER_TICK]
    return sum(_queue(fresh[first : first + CHUNK], now) for first in range(0, len(fresh), CHUNK))


def nudging(*, now: datetime, until: datetime) -> QuerySet[Meeting]:
    """Meetings whose week begins until then."""
    rows = Meeting.objects.filter(
        state=Meeting.State.SCHEDULED, starts_at__gt=now, starts_at__lte=until + A_WEEK
    ).exclude(kind=Meeting.Kind.WORKING_GROUP)
    rows = rows.exclude(community__status__in=SILENT).annotate(is_watched=watched())
    return rows.select_related("community", "topic")


def find_nudges(rows: QuerySet[Meeting], *, now: datetime) -> list[Nudge]:
    """Who came to one of the last four meetings there, takes invitations and has not answered."""
    meetings = list(rows.order_by("starts_at", "pk"))
    if not meetings:
        return []
    communities = {one.community for one in meetings}
    regulars = _regulars({one.pk for one in communities}, now)
    if not regulars:
        return []
    invitees = Invitees(communities, now=now)
    answered = set(Rsvp.objects.filter(meeting__in=meetings).values_list("meeting", "person"))
    return list(_each(meetings, regulars, invitees, answered))


def _each(
    meetings: list[Meeting],
    regulars: dict[int, dict[int, str]],
    invitees: Invitees,
    answered: set[tuple[int, int]],
) -> Iterator[Nudge]:
    for meeting in meetings:
        zones = regulars.get(meeting.community_id, {})
        for person in sorted(invitees.written(meeting) & zones.keys()):
            due_at = plan_nudge(
                starts_at=meeting.starts_at,
                zone=zones[person],
                announced_at=meeting.announced_at,
            )
            if due_at is not None and (meeting.pk, person) not in answered:
                yield Nudge(meeting, person, due_at)


def _regulars(communities: Collection[int], now: datetime) -> dict[int, dict[int, str]]:
    """community -> person -> zone: who was at one of the last four meetings."""
    held = Meeting.objects.filter(
        community__in=communities,
        state__in=[Meeting.State.HELD, Meeting.State.WRAPPED],
        starts_at__lte=now,
    ).exclude(kind=Meeting.Kind.WORKING_GROUP)
    order = Window(
        RowNumber(), partition_by="community", order_by=[F("starts_at").desc(), F("pk").desc()]
    )
    latest = held.annotate(nth=order).filter(nth__lte=LATEST_MEETINGS)
    came = Attendance.objects.filter(
        meeting__in=latest.values("pk"), state__in=Attendance.WAS_THERE
    )
    found: dict[int, dict[int, str]] = defaultdict(dict)
    rows = came.values_list("meeting__community", "person", "person__timezone").distinct()
    for community, person, zone in rows:
        found[community][person] = zone
    return found


def told_since(nudges: Collection[Nudge]) -> dict[tuple[str, int], datetime]:
    """(meeting, person) -> when they were last asked. What was void asked nobody."""
    fits = Q(pk=None)
    for public_id in {one.meeting.public_id for one in nudges}:
        fits |= Q(key__startswith=nudge_prefix(public_id))
    rows = Delivery.objects.filter(fits).exclude(state=Delivery.State.CANCELLED, reason__in=VOID)
    found: dict[tuple[str, int], datetime] = {}
    for key, person, at in rows.order_by("created_at").values_list("key", "person", "created_at"):
        found[key.split(":")[1], person] = at
    return found


def _is_new(one: Nudge, told: dict[tuple[str, int], datetime]) -> bool:
    """A small change after it was sent asks nobody twice; a new day far ahead asks once more."""
    at = told.get((one.meeting.public_id, one.person))
    return at is None or at < one.due_at


@transaction.atomic
def _queue(some: list[Nudge], now: datetime) -> int:
    people = User.objects.in_bulk([one.person for one in some])
    locked = Meeting.objects.select_for_update(no_key=True).filter(
        pk__in={one.meeting.pk for one in some}, state=Meeting.State.SCHEDULED
    )
    current = dict(locked.order_by("pk").values_list("pk", "sequence"))
    scopes = {one.meeting.community.public_id for one in some}
    rows = MailingList.objects.filter(scope__in=scopes, kind=MailingList.Kind.INVITATIONS)
    lists = {one.scope: one for one in rows}
    mails = [
        asking_mail(
            nudge(one.meeting, people[one.person]),
            one.key,
            lists[one.meeting.community.public_id],
            due_at=after_quiet(now, people[one.person].timezone) + share_of_spread(one.person),
            expires_at=one.meeting.starts_at - ENDS_BEFORE,
        )
        for one in some
        if one.person in people and current.get(one.meeting.pk) == one.meeting.sequence
    ]
    return queue_emails(mails, now=now)
