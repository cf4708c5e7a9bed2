"""Seats and the line for them. Whoever calls these holds the lock on the row of the meeting.

The lock order is always the meeting first, then the answer, so that no two ways can block
each other. The counter moves only by conditional UPDATEs, and a CHECK stands behind it.
"""

from collections.abc import Callable
from datetime import datetime
from random import uniform
from time import sleep
from typing import TypeVar

from django.db import OperationalError, connection
from django.db.models import F, Q
from django.db.models.functions import NullIf
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings import emails
from meetings.models import Meeting, Rsvp
from meetings.models.meetings import MeetingQuerySet

# A lock is waited for by the connection's own `lock_timeout` (3 s), so this is up to 12 s in all.
RETRIES = 3
LOCK_TIMEOUT, DEADLOCK = "55P03", "40P01"
Result = TypeVar("Result")


def lock_meeting(meeting: Meeting) -> Meeting:
    """The row as it is now, and nobody else's until the transaction ends."""
    row = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    # The community does not move between: no need to carry it through the door once more.
    row.community = meeting.community
    return row


def take_seat(meeting: Meeting, *, now: datetime) -> bool:
    """Count one seat more, if there is one: the database decides, not what we read before.

    While people are in line, a free seat is theirs; in the last hours it is whoever's comes.
    What is called full here is so as we last read it: who must know asks again under the lock.
    """
    if meeting.is_full:
        return False
    room = Q(capacity__isnull=True) | Q(going_count__lt=F("capacity"))
    free = Meeting.objects.filter(
        room, pk=meeting.pk, state=Meeting.State.SCHEDULED, starts_at__gt=now
    )
    if not meeting.hands_on_seats(now):
        return _count_one(free)
    waiting = Rsvp.objects.waiting().filter(meeting=meeting)
    if _count_one(free.exclude(pk__in=waiting.values("meeting"))):
        return True
    # Whether those in line may still come costs much more to ask. Nobody can slip in between:
    # as long as there is a line, every seat that becomes free is handed on under the lock.
    return waiting.exists() and not waiting.still_admitted().exists() and _count_one(free)


def _count_one(free: MeetingQuerySet) -> bool:
    return free.update(going_count=F("going_count") + 1) == 1


def draw_ticket(meeting: Meeting) -> int:
    """The next number of the line. `meeting` is the row as it is, locked by the caller."""
    meeting.wait_next += 1
    Meeting.objects.filter(pk=meeting.pk).update(wait_next=meeting.wait_next)
    return meeting.wait_next


def free_seat(meeting: Meeting, *, now: datetime) -> None:
    """A seat has become free: out of a room that is to shrink, to the first in line, or back."""
    if _shrink(meeting):
        return
    if meeting.hands_on_seats(now) and _promote_first(meeting, now=now):
        return
    put_back_seat(meeting)


def put_back_seat(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk, going_count__gt=0).update(
        going_count=F("going_count") - 1
    )


def _shrink(meeting: Meeting) -> bool:
    """Take the freed seat away where fewer are wanted than there are (RS4). True if it was."""
    smaller = F("capacity") - 1
    rows = Meeting.objects.filter(pk=meeting.pk, target_capacity__isnull=False, going_count__gt=0)
    return bool(
        rows.update(
            going_count=F("going_count") - 1,
            capacity=smaller,
            # Small enough: from here on freed seats are handed on again.
            target_capacity=NullIf(F("target_capacity"), smaller),
        )
    )


def fill_seats(meeting: Meeting, *, now: datetime) -> int:
    """Hand free seats to the line until one of both is at its end. Returns how many."""
    handed = 0
    if meeting.target_capacity is not None:
        return 0
    while meeting.hands_on_seats(now) and not meeting.is_full:
        if not _promote_first(meeting, now=now):
            break
        Meeting.objects.filter(pk=meeting.pk).update(going_count=F("going_count") + 1)
        meeting.going_count += 1
        handed += 1
    return handed


def _promote_first(meeting: Meeting, *, now: datetime) -> bool:
    """The seat itself is counted by the caller. True if somebody was in line."""
    # A plain lock, not SKIP LOCKED: that could let the second in line jump the first.
    line = Rsvp.objects.in_line().filter(meeting=meeting).select_for_update(of=("self",))
    first = line.select_related("person__meeting_choices").order_by("wait_ticket", "pk").first()
    if first is None:
        return False
    first.state, first.holds_seat, first.wait_ticket = Rsvp.State.GOING, True, None
    first.answered_at, first.version = now, first.version + 1
    first.save(update_fields=["state", "holds_seat", "wait_ticket", "answered_at", "version"])
    letter = emails.promoted(meeting, first.person)
    letter.queue(
        f"rsvp:{meeting.public_id}:{first.person_id}:promoted:{first.version}",
        due_at=now,
        expires_at=meeting.starts_at,
    )
    return True


def patiently(work: Callable[[], Result]) -> Result:
    """Run a short transaction; where the queue at the door is long, wait a moment and ask again."""
    for attempt in range(RETRIES + 1):
        try:
            return work()
        except OperationalError as error:
            code = getattr(error.__cause__, "pgcode", "")
            # Inside another transaction the failed statement has already spoilt all of it.
            if code not in {LOCK_TIMEOUT, DEADLOCK} or connection.in_atomic_block:
                raise
            if attempt < RETRIES:
                sleep(uniform(0.05, 0.4))  # noqa: S311  no secret, only spread
    raise ActionError(
        _("Very many people are answering just now. Wait a moment, then press the button again.")
    )
