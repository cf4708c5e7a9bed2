"""What all changes of a meeting's state have in common."""

from datetime import datetime, timedelta

from cop.core.audit import record
from meetings.models import Meeting
from members.models import User

TICK = timedelta(microseconds=1)


def next_update(meeting: Meeting, now: datetime) -> datetime:
    """For `updated_at`. Calendars go by it: it never goes back, whatever a clock does (ICS-3).

    Nor does it stand still: two who had the same page open are told apart by it.
    """
    return max(now, meeting.updated_at + TICK)


def set_values(meeting: Meeting, now: datetime, **values: object) -> None:
    """Write these and no others: answers move the rest of the row meanwhile."""
    for name, value in values.items():
        setattr(meeting, name, value)
    meeting.updated_at = next_update(meeting, now)
    Meeting.objects.filter(pk=meeting.pk).update(**values, updated_at=meeting.updated_at)


def note_state(
    action: str, meeting: Meeting, *, by: User | None, old: str, reason: str = ""
) -> None:
    scope = meeting.community.public_id
    record(action, meeting, by=by, scope=scope, old=old, new=meeting.state, reason=reason)
