"""Reminders are computed at each tick, never scheduled: missed or doubled, it changes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from cop.core.time import before_quiet
from meetings import emails
from meetings.access import watched
from meetings.actions.seats import fill_seats, free_seat, lock_meeting
from meetings.models import Meeting, Rsvp
from meetings.models.meetings import HANDING_ON_ENDS
from members.models import Community
from outbox.actions import Outgoing, queue_emails
from outbox.models import Delivery

DAY_BEFORE, LINK = "day_before", "link"
A_DAY = timedelta(hours=24)
# A day, and the longest way out of somebody's quiet hours: a night with an hour more.
LOOK_AHEAD = A_DAY + timedelta(hours=12)
# After an outage: what was due meanwhile is written down as skipped, so that people can be told.
LOOK_BACK = A_DAY
# Nobody reads a mail about a meeting that begins in a few minutes.
STILL_USEFUL = timedelta(minutes=15)
TOO_LATE = "too late to be useful"
# So many in one transaction, so that a tick that is cut off has done something; and so many in one
# tick, so that it ends within its minute. The next one goes on, with the most urgent first.
CHUNK, PER_TICK = 200, 400
SILENT = (Community.Status.PAUSED, Community.Status.ARCHIVED)


@dataclass(frozen=True)
class Reminder:
    """One mail of the plan: it may leave from `due_at` on, and no more at `until`."""

    kind: str
    due_at: datetime
    until: datetime


def plan_reminders(
    *,
    starts_at: datetime,
    zone: str,
    answered_at: datetime,
    changed_at: datetime | None = None,
    wants_link: bool = True,
) -> list[Reminder]:
    """The reminders of one person for one meeting; `zone` is the person's. Asks nothing else.

    24 hours are hours, not a day of the calendar; quiet hours move it by the person's clock (RM2).
    """
    door = starts_at - emails.LINK_BEFORE
    day_before = before_quiet(starts_at - A_DAY, zone)
    plan = []
    # Who answered, or was told of a change, later than that has it all in that mail.
    if max(answered_at, changed_at or answered_at) <= day_before:
        plan.append(Reminder(DAY_BEFORE, day_before, door))
    if wants_link and answered_at <= door:
        plan.append(Reminder(LINK, door, starts_at - STILL_USEFUL))
    return plan


def queue_reminders(*, now: datetime) -> int:
    """Queue what is due and not yet queued; returns how many. Nothing after the start (RM1).

    First it releases the seats of those who never confirmed a moved time, and mends any line
    that stands before free seats.
    """
    release_unconfirmed_seats(now=now)
    mend_lines(now=now)
    due = {
        _key(rsvp, reminder): (rsvp, reminder)
        for rsvp in _coming(now)
        for reminder in _plan(rsvp)
        if reminder.due_at <= now
    }
    known = set(Delivery.objects.filter(key__in=due).values_list("key", flat=True))
    fresh = sorted((key for key in due if key not in known), key=lambda key: due[key][1].until)
    fresh = fresh[:PER_TICK]
    return sum(
        _queue({key: due[key] for key in fresh[first : first + CHUNK]}, now)
        for first in range(0, len(fresh), CHUNK)
    )


@transaction.atomic
def _queue(due: dict[str, tuple[Rsvp, Reminder]], now: datetime) -> int:
    """Those that come too late are written down as such at once, never claimed by a sender."""
    due = _still_so(due)
    useful = {key: pair for key, pair in due.items() if pair[1].until > now}
    queued = queue_emails([_mail(key, *pair, now) for key, pair in useful.items()], now=now)
    late = [_mail(key, *pair, now) for key, pair in due.items() if key not in useful]
    if late and queue_emails(late, now=now):
        rows = Delivery.objects.waiting().filter(key__in=[mail.key for mail in late])
        rows.update(state=Delivery.State.SKIPPED, reason=TOO_LATE, ended_at=now)
    return queued


def _still_so(due: dict[str, tuple[Rsvp, Reminder]]) -> dict[str, tuple[Rsvp, Reminder]]:
    """Without those that were called off or changed since we looked; now nobody can (RM3)."""
    meetings = {rsvp.meeting_id for rsvp, _reminder in due.values()}
    locked = Meeting.objects.select_for_update(no_key=True).filter(pk__in=meetings)
    rows = locked.exclude(state=Meeting.State.CANCELLED).order_by("pk")
    current = dict(rows.values_list("pk", "sequence"))
    return {
        key: pair
        for key, pair in due.items()
        if current.get(pair[0].meeting_id) == pair[0].meeting.sequence
    }


def _mail(key: str, rsvp: Rsvp, reminder: Reminder, now: datetime) -> Outgoing:
    rsvp.meeting.is_watched = rsvp.is_watched
    letter = emails.reminder(rsvp, reminder.kind)
    return letter.outgoing(key, due_at=now, expires_at=reminder.until)


def _coming(now: datetime) -> QuerySet[Rsvp]:
    """Who comes to a meeting around now, over all communities that are writing."""
    rows = Rsvp.objects.filter(
        state=Rsvp.State.GOING,
        meeting__state__in=[Meeting.State.SCHEDULED, Meeting.State.HELD, Meeting.State.WRAPPED],
        meeting__starts_at__gt=now - LOOK_BACK,
        meeting__starts_at__lte=now + LOOK_AHEAD,
    )
    rows = rows.exclude(meeting__community__status__in=SILENT).still_admitted()
    rows = rows.annotate(is_watched=watched("meeting"))
    rows = rows.select_related("meeting__community", "person__meeting_choices")
    return rows.order_by("meeting__starts_at", "pk")


def _plan(rsvp: Rsvp) -> list[Reminder]:
    return plan_reminders(
        starts_at=rsvp.meeting.starts_at,
        zone=rsvp.person.timezone,
        answered_at=rsvp.answered_at,
        changed_at=rsvp.meeting.sequence_at,
        wants_link=emails.wants_link(rsvp.person),
    )


def _key(rsvp: Rsvp, reminder: Reminder) -> str:
    meeting = rsvp.meeting
    return f"reminder:{meeting.public_id}:{rsvp.person_id}:{reminder.kind}:{meeting.sequence}"


def release_unconfirmed_seats(*, now: datetime) -> int:
    """A day before a moved meeting, a seat that nobody confirmed goes to the line (MT5).

    Not where the meeting was moved within that last day: then people had no time to answer.
    """
    late = Rsvp.objects.filter(
        state=Rsvp.State.NEEDS_CONFIRMATION,
        holds_seat=True,
        meeting__state=Meeting.State.SCHEDULED,
        meeting__starts_at__gt=now,
        meeting__starts_at__lte=now + A_DAY,
        meeting__sequence_at__lte=F("meeting__starts_at") - A_DAY,
    )
    return sum(_release(rsvp, now) for rsvp in late.select_related("meeting").order_by("pk"))


@transaction.atomic
def _release(rsvp: Rsvp, now: datetime) -> bool:
    meeting = lock_meeting(rsvp.meeting)
    waiting_for_answer = Rsvp.objects.filter(
        pk=rsvp.pk, state=Rsvp.State.NEEDS_CONFIRMATION, holds_seat=True
    )
    if not waiting_for_answer.update(holds_seat=False):
        return False
    free_seat(meeting, now=now)
    return True


def mend_lines(*, now: datetime) -> int:
    """Where somebody waits although there is room, give the seat. Normally there is nobody."""
    room = Q(capacity__isnull=True) | Q(going_count__lt=F("capacity"))
    waiting = Rsvp.objects.in_line().values("meeting")
    meetings = Meeting.objects.filter(
        room,
        state=Meeting.State.SCHEDULED,
        starts_at__gt=now + HANDING_ON_ENDS,
        pk__in=waiting,
    )
    return sum(_mend(meeting, now) for meeting in meetings.order_by("pk"))


@transaction.atomic
def _mend(meeting: Meeting, now: datetime) -> int:
    return fill_seats(lock_meeting(meeting), now=now)
