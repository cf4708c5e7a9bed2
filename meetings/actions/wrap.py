"""Wrapping up: attendance saved, notes and recording published or said not to be (2.9)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings.actions.seats import lock_meeting
from meetings.actions.states import note_state, set_values
from meetings.models import Meeting
from meetings.queries.wrapping import wrap_checks
from members.models import User

Outcome = Meeting.Outcome


@transaction.atomic
def wrap_meeting(
    *,
    meeting: Meeting,
    by: User,
    now: datetime,
    no_notes: bool = False,
    recording: str = "",
) -> Meeting:
    """Close the meeting. What is published stays said; only what is open can be said here."""
    row = lock_meeting(meeting)
    if row.state != Meeting.State.HELD:
        raise ActionError(_("Only a meeting that was held can be wrapped up."))
    if no_notes and row.notes_outcome == Outcome.OPEN:
        row.notes_outcome = Outcome.NONE
    if row.recording_outcome == Outcome.OPEN:
        if recording == Outcome.PUBLISHED:
            row.recording_outcome = Outcome.PUBLISHED
        elif recording == Outcome.NONE or row.recording_policy == Meeting.Recording.NONE:
            row.recording_outcome = Outcome.NONE
    if lacks := [check for check in wrap_checks(row) if not check.is_done]:
        things = ", ".join(check.thing for check in lacks)
        raise ActionError(_("Before wrapping up it needs: %(things)s.") % {"things": things})
    set_values(
        row, now, state=Meeting.State.WRAPPED, wrapped_at=now, notes_outcome=row.notes_outcome,
        recording_outcome=row.recording_outcome,
    )  # fmt: skip
    note_state("meeting_wrapped", row, by=by, old=Meeting.State.HELD)
    return row
