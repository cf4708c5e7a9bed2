from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.changes import say_no_recording
from meetings.actions.seats import lock_meeting
from meetings.actions.states import note_state, set_values
from meetings.models import Meeting
from meetings.queries.readiness import SHORTEST_NOTICE, may_not_record, what_stops
from members.models import User

State = Meeting.State


class ShortNotice(ActionError):
    """Less than two days ahead: only when the coordinator says that it must be."""


@transaction.atomic
def draft_meeting(*, meeting: Meeting, by: User) -> Meeting:
    """Keep a new meeting among the coordinators until it is announced."""
    is_dialogue = meeting.format is not None and meeting.format.is_dialogue
    if may_not_record(meeting.kind, is_dialogue, meeting.recording_policy):
        raise ActionError(say_no_recording())
    meeting.state = State.DRAFT
    meeting.derive_instants()
    meeting.save(force_insert=True)
    record("meeting_drafted", meeting, by=by, scope=meeting.community.public_id)
    return meeting


@transaction.atomic
def schedule_meeting(
    *, meeting: Meeting, by: User, now: datetime, short_notice_is_fine: bool = False
) -> Meeting:
    """Announce a draft: from now on people see it and may answer."""
    row = lock_meeting(meeting)
    if row.state != State.DRAFT:
        raise ActionError(_("This meeting is no draft any more. Open it again and look."))
    if lacks := what_stops(row):
        raise ActionError(
            _("Before people can be told, this meeting needs: %(things)s.")
            % {"things": ", ".join(check.thing for check in lacks)}
        )
    row.derive_instants()
    if row.starts_at <= now:
        raise ActionError(_("This meeting would start in the past. Choose a later day first."))
    if row.starts_at - now < SHORTEST_NOTICE and not short_notice_is_fine:
        raise ShortNotice(
            _("This is less than two days ahead. Say that short notice is fine, or move it.")
        )
    set_values(
        row, now, state=State.SCHEDULED, starts_at=row.starts_at, ends_at=row.ends_at,
        announced_at=now,
    )  # fmt: skip
    note_state("meeting_scheduled", row, by=by, old=State.DRAFT)
    return row


@transaction.atomic
def delete_draft(*, meeting: Meeting, by: User, now: datetime) -> None:
    """Nobody but the coordinators knew of it, so it may go without a trace but the history's."""
    row = lock_meeting(meeting)
    if row.state != State.DRAFT:
        raise ActionError(_("This meeting is no draft any more. Cancel it instead."))
    record("meeting_draft_deleted", row, by=by, scope=row.community.public_id)
    row.delete()
