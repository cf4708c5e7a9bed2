"""Who was there: by the join link, by checking in, by hand (AT1 to AT5)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.seats import lock_meeting
from meetings.models import Attendance, Meeting, MeetingRole, Part, Rsvp
from meetings.models.meetings import DOORS_OPEN
from members.models import User

State = Attendance.State
# Present is who stayed half an hour, or half of a shorter meeting (AT2).
LONG_ENOUGH = timedelta(minutes=30)
# Until then people can still say that they were there.
CHECK_IN_ENDS = timedelta(hours=2)
MOST_UNIDENTIFIED = 9_999


def state_for(minutes: int, duration: int) -> str:
    """Was somebody there, after so many whole minutes of a meeting of `duration` (AT2)?"""
    if minutes <= 0:
        return State.ABSENT
    enough = min(int(LONG_ENOUGH.total_seconds()) // 60, (duration + 1) // 2)
    return State.PRESENT if minutes >= enough else State.PARTIAL


@transaction.atomic
def note_arrival(*, meeting: Meeting, person: User, source: str, now: datetime) -> Attendance:
    """Write down that somebody came in. Coming in again changes nothing.

    Raises ActionError before the door opens (AT1), long after the end, and for a meeting that
    does not take place. Whether the audience admits the person is asked by the caller.
    """
    if meeting.state not in {Meeting.State.SCHEDULED, Meeting.State.HELD}:
        raise ActionError(_("This meeting does not take place, so there is nothing to note."))
    if now < meeting.starts_at - DOORS_OPEN:
        raise ActionError(_("The door opens 15 minutes before the start."))
    if now > meeting.ends_at + CHECK_IN_ENDS:
        raise ActionError(_("This meeting is over. The coordinator can still add you by hand."))
    left = int((meeting.ends_at - max(now, meeting.starts_at)).total_seconds() // 60)
    at_end = now >= meeting.ends_at
    values = {
        # Who says afterwards that they were there is taken at their word.
        "state": State.PRESENT if at_end else state_for(max(left, 1), meeting.duration),
        "source": source,
        "joined_at": now,
        **facts_of(meeting, person),
    }
    row, is_new = Attendance.objects.get_or_create(meeting=meeting, person=person, defaults=values)
    if not is_new and row.state == State.ABSENT:
        Attendance.objects.filter(pk=row.pk).update(**values)
        row.refresh_from_db()
    return row


def facts_of(meeting: Meeting, person: User) -> dict[str, object]:
    """What does not depend on how we know of it: the part, the answer before, the first time."""
    came_before = Attendance.objects.filter(
        person=person,
        meeting__community=meeting.community_id,
        meeting__starts_at__lt=meeting.starts_at,
        state__in=Attendance.WAS_THERE,
    )
    said_yes = Rsvp.objects.filter(meeting=meeting, person=person, state__in=Rsvp.COMING)
    return {
        "part": part_of(meeting, person),
        "is_walk_in": not said_yes.exists(),
        "is_first": not came_before.exists(),
    }


def part_of(meeting: Meeting, person: User) -> str:
    if meeting.facilitator_id == person.pk:
        return Part.FACILITATOR
    mine = MeetingRole.objects.filter(
        meeting=meeting, person=person, state__in=MeetingRole.IN_FORCE, is_backup=False
    )
    return mine.order_by("pk").values_list("part", flat=True).first() or ""


@transaction.atomic
def save_attendance(
    *, meeting: Meeting, states: dict[int, str], unidentified: int, by: User, now: datetime
) -> Meeting:
    """What staff saw: person key -> state, or "" for "we do not know". Others stay as they are.

    Raises ActionError before the door opens, and for a meeting that does not take place.
    """
    row = lock_meeting(meeting)
    refuse_too_early(row, now)
    known = {a.person_id: a for a in row.attendances.filter(person__in=states)}
    people = {p.pk: p for p in User.objects.filter(pk__in=states)}
    for key, state in states.items():
        _write_by_hand(row, people.get(key), known.get(key), state)
    close_attendance(row, unidentified=unidentified, now=now)
    record("attendance_saved", row, by=by, scope=row.community.public_id, new=str(len(states)))
    return row


def _write_by_hand(
    meeting: Meeting, person: User | None, known: Attendance | None, state: str
) -> None:
    if person is None or (known is not None and known.state == state):
        return
    if not state:
        if known is not None:
            known.delete()
        return
    if state not in State:
        raise ActionError(_("Choose for each person: was there, for a while, or was not there."))
    values = {"state": state, "source": Attendance.Source.COORDINATOR}
    if known is not None:
        Attendance.objects.filter(pk=known.pk).update(**values)
        return
    facts = facts_of(meeting, person)
    Attendance.objects.create(meeting=meeting, person=person, **values, **facts)


def refuse_too_early(meeting: Meeting, now: datetime) -> None:
    if meeting.state in {Meeting.State.DRAFT, Meeting.State.CANCELLED}:
        raise ActionError(_("This meeting does not take place, so there is nothing to note."))
    if now < meeting.starts_at - DOORS_OPEN:
        raise ActionError(_("The door opens 15 minutes before the start."))


def close_attendance(meeting: Meeting, *, unidentified: int, now: datetime) -> None:
    """The caller holds the lock. Wrapping up asks whether this was done."""
    if not 0 <= unidentified <= MOST_UNIDENTIFIED:
        raise ActionError(_("Give the number of people nobody could name, such as 2, or 0."))
    meeting.unidentified_count, meeting.attendance_saved_at = unidentified, now
    Meeting.objects.filter(pk=meeting.pk).update(
        unidentified_count=unidentified, attendance_saved_at=now
    )
