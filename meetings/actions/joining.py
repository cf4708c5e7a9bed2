"""Through the door: by the personal link or the meeting's page, with an answer or without one."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings.actions.attendance import note_arrival
from meetings.actions.seats import lock_meeting, patiently
from meetings.models import Attendance, Meeting
from members.models import User


class DoorClosed(ActionError):
    """Too early, over, cancelled, or the room is full."""


def join_meeting(*, meeting: Meeting, person: User, now: datetime) -> str:
    """Write down that somebody comes in, and give the address behind the door.

    Who has no seat is let in while there is room. Whether the audience admits the person is
    asked by the caller. Raises DoorClosed.
    """

    @transaction.atomic
    def _step_in() -> str:
        fresh = lock_meeting(meeting)
        _refuse(fresh, person, now)
        note_arrival(meeting=fresh, person=person, source=Attendance.Source.LINK, now=now)
        return fresh.join_url

    return patiently(_step_in)


def _refuse(meeting: Meeting, person: User, now: datetime) -> None:
    if not meeting.is_open_door(now):
        raise DoorClosed(_("The door of this meeting is not open now."))
    if not meeting.join_url:
        raise DoorClosed(_("This meeting has no join link. Look at its page for how to come."))
    if not has_room_for(meeting, person):
        raise DoorClosed(
            _("All seats are taken. Try again in a few minutes, or ask for the materials.")
        )


def has_room_for(meeting: Meeting, person: User) -> bool:
    """A seat of one's own, or one that nobody holds and no walk-in sits on."""
    if meeting.capacity is None:
        return True
    if meeting.rsvps.filter(person=person, holds_seat=True).exists():
        return True
    seated = meeting.rsvps.filter(holds_seat=True).values("person")
    walk_ins = meeting.attendances.filter(state__in=Attendance.WAS_THERE).exclude(person__in=seated)
    others = walk_ins.exclude(person=person).count()
    # Whoever was let in may come back after a lost connection.
    return (
        meeting.going_count + others < meeting.capacity or walk_ins.filter(person=person).exists()
    )
