from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings import emails
from meetings.actions.changes import change_capacity, update_meeting
from meetings.actions.seats import lock_meeting
from meetings.models import Meeting
from members.models import User
from outbox.actions import cancel_deliveries

__all__ = [
    "cancel_meeting",
    "change_capacity",
    "draft_meeting",
    "mark_held",
    "schedule_meeting",
    "update_meeting",
]
State = Meeting.State
# Front-line staff plan their shifts weeks ahead (MT2).
GOOD_NOTICE, SHORTEST_NOTICE = timedelta(days=21), timedelta(days=2)


class ShortNotice(ActionError):
    """Less than two days ahead: only when the coordinator says that it must be."""


@transaction.atomic
def draft_meeting(*, meeting: Meeting, by: User) -> Meeting:
    """Keep a new meeting among the coordinators until it is announced."""
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
    missing = missing_to_schedule(row)
    if missing:
        raise ActionError(
            _("Before people can be told, this meeting needs: %(things)s.")
            % {"things": ", ".join(missing)}
        )
    row.derive_instants()
    if row.starts_at <= now:
        raise ActionError(_("This meeting would start in the past. Choose a later day first."))
    if row.starts_at - now < SHORTEST_NOTICE and not short_notice_is_fine:
        raise ShortNotice(
            _("This is less than two days ahead. Say that short notice is fine, or move it.")
        )
    _set(row, now, state=State.SCHEDULED, starts_at=row.starts_at, ends_at=row.ends_at)
    _record("meeting_scheduled", row, by=by, old=State.DRAFT)
    return row


def missing_to_schedule(meeting: Meeting) -> list[str]:
    """What a meeting must tell before it is announced (MT1), in words."""
    needs = {
        _("a facilitator"): meeting.facilitator_id,
        _("who may come"): meeting.audience,
        _("a join link"): meeting.join_url or not meeting.is_online,
        _("a place"): meeting.place or not meeting.is_in_person,
    }
    return [name for name, given in needs.items() if not given]


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, reason: str, by: User, now: datetime) -> Meeting:
    """Call a meeting off and tell, with the reason, everybody who meant to come (MT6)."""
    reason = reason.strip()
    if not reason:
        raise ActionError(_("Say in a few words why, so that people can understand it."))
    row = lock_meeting(meeting)
    if row.state not in {State.DRAFT, State.SCHEDULED} or row.ends_at <= now:
        raise ActionError(_("This meeting is over or off already, so it cannot be cancelled."))
    old = row.state
    _set(
        row, now, state=State.CANCELLED, cancel_reason=reason, sequence_at=now,
        sequence=F("sequence") + 1,
    )  # fmt: skip
    row.refresh_from_db(fields=["sequence"])
    for kind in ("reminder", "changed", "rsvp"):
        cancel_deliveries(prefix=f"{kind}:{row.public_id}:", reason="meeting cancelled", now=now)
    for rsvp in row.rsvps.involved().select_related("person").order_by("pk"):
        key = f"cancelled:{row.public_id}:{rsvp.person_id}:{row.sequence}"
        emails.cancelled(rsvp, row).queue(key, due_at=now, expires_at=row.ends_at)
    _record("meeting_cancelled", row, by=by, old=old, reason=reason)
    return row


@transaction.atomic
def mark_held(*, meeting: Meeting, by: User | None, now: datetime) -> Meeting:
    """It took place. Never before its start (MT9)."""
    row = lock_meeting(meeting)
    if row.state != State.SCHEDULED or row.starts_at > now:
        raise ActionError(_("Only a meeting that was announced and has begun can be held."))
    _set(row, now, state=State.HELD)
    _record("meeting_held", row, by=by, old=State.SCHEDULED)
    return row


def _set(meeting: Meeting, now: datetime, **values: object) -> None:
    for name, value in values.items():
        setattr(meeting, name, value)
    meeting.updated_at = now
    Meeting.objects.filter(pk=meeting.pk).update(**values, updated_at=now)


def _record(action: str, meeting: Meeting, *, by: User | None, old: str, reason: str = "") -> None:
    scope = meeting.community.public_id
    record(action, meeting, by=by, scope=scope, old=old, new=meeting.state, reason=reason)
