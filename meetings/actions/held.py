"""It took place: by the clock where people were seen there, else by a coordinator's word (MT9)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings.actions.seats import lock_meeting
from meetings.actions.states import note_state, set_values
from meetings.models import Attendance, Meeting
from members.models import User

AFTER_THE_END = timedelta(minutes=15)


@transaction.atomic
def mark_held(*, meeting: Meeting, by: User | None, now: datetime) -> Meeting:
    """It took place. Never before its start (MT9)."""
    row = lock_meeting(meeting)
    if row.state != Meeting.State.SCHEDULED or row.starts_at > now:
        raise ActionError(_("Only a meeting that was announced and has begun can be held."))
    set_values(row, now, state=Meeting.State.HELD)
    note_state("meeting_held", row, by=by, old=Meeting.State.SCHEDULED)
    return row


def keep_held(*, now: datetime) -> int:
    """A quarter of an hour after the end, what somebody was seen at was held (MT9)."""
    came = Attendance.objects.filter(meeting=OuterRef("pk"), state__in=Attendance.WAS_THERE)
    over = Meeting.objects.filter(
        Exists(came) | Q(unidentified_count__gt=0),
        state=Meeting.State.SCHEDULED,
        ends_at__lte=now - AFTER_THE_END,
    )
    return sum(_hold(meeting, now) for meeting in over.order_by("pk"))


def _hold(meeting: Meeting, now: datetime) -> bool:
    try:
        mark_held(meeting=meeting, by=None, now=now)
    except ActionError:
        # A coordinator was faster.
        return False
    return True
