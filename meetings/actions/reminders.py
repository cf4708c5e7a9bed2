"""Reminders are computed at each tick, never scheduled: missed or doubled, it changes nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from cop.core.time import before_quiet
from meetings import emails
from meetings.actions.seats import fill_seats, free_seat, lock_meeting
from meetings.models import Meeting, Rsvp
from meetings.models.meetings import HANDING_ON_ENDS
from members.models import Community
from outbox.models import Delivery

DAY_BEFORE, LINK = "day_before", "link"
A_DAY = timedelta(hours=24)
# A day, and the longest way out of somebody's quiet hours.
LOOK_AHEAD = A_DAY + timedelta(hours=12)
SILENT = (Community.Status.PAUSED, Community.Status.ARCHIVED)


def queue_reminders(*, now: datetime) -> int:
    """Queue what is due and not yet queued; returns how many. Nothing after the start (RM1).

    First it releases the seats of those who never confirmed a moved time, and mends any line
    that stands before free seats.
    """
    release_unconfirmed_seats(now=now)
    mend_lines(now=now)
    due = {key: (rsvp, kind) for rsvp in _coming(now) for key, kind in _due(rsvp, now)}
    known = set(Delivery.objects.filter(key__in=due).values_list("key", flat=True))
    fresh = [key for key in due if key not in known]
    for key in fresh:
        rsvp, kind = due[key]
        letter = emails.reminder(rsvp, kind)
        letter.queue(key, due_at=now, expires_at=rsvp.meeting.starts_at)
    return len(fresh)


def _coming(now: datetime) -> QuerySet[Rsvp]:
    """Who comes to a meeting that starts soon, over all communities that are writing."""
    rows = Rsvp.objects.filter(
        state=Rsvp.State.GOING,
        meeting__state=Meeting.State.SCHEDULED,
        meeting__starts_at__gt=now,
        meeting__starts_at__lte=now + LOOK_AHEAD,
    )
    rows = rows.exclude(meeting__community__status__in=SILENT).still_admitted()
    return rows.select_related("meeting__community", "person").order_by("meeting__starts_at", "pk")


def _due(rsvp: Rsvp, now: datetime) -> Iterator[tuple[str, str]]:
    meeting = rsvp.meeting
    door = meeting.starts_at - emails.LINK_BEFORE
    day_before = before_quiet(meeting.starts_at - A_DAY, rsvp.person.timezone)
    # Who answered, or was told of a change, later than that has it all in that mail.
    told = max(rsvp.answered_at, meeting.sequence_at or rsvp.answered_at)
    if told <= day_before <= now < door:
        yield _key(rsvp, DAY_BEFORE), DAY_BEFORE
    if rsvp.answered_at <= door <= now < meeting.starts_at:
        yield _key(rsvp, LINK), LINK


def _key(rsvp: Rsvp, kind: str) -> str:
    meeting = rsvp.meeting
    return f"reminder:{meeting.public_id}:{rsvp.person_id}:{kind}:{meeting.sequence}"


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
