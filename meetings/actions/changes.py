from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.notices import tell_change
from meetings.actions.seats import fill_seats, lock_meeting
from meetings.actions.states import next_update
from meetings.models import Meeting
from meetings.queries.readiness import may_not_record, seats_wanted
from meetings.queries.told import is_real_move
from members.models import User

# What people wrote into their calendars: a change of these is told to each of them (MT4).
CALENDAR_FIELDS = {
    "local_date", "local_time", "timezone", "duration", "audience", "mode", "place", "join_url",
    "dial_in",
}  # fmt: skip
TIME_FIELDS = {"local_date", "local_time", "timezone", "duration"}
TEXT_FIELDS = {
    "title", "description", "kind", "language", "stream", "content_note", "support_person",
    "facilitator", "circles", "interpretation", "has_captions", "sign_language", "access_by",
    "recording_policy", "pre_reading", "materials",
}  # fmt: skip


class ChangedMeanwhile(ActionError):
    """Somebody else changed the meeting after this person had opened it."""


@transaction.atomic
def update_meeting(
    *,
    meeting: Meeting,
    changes: dict[str, Any],
    by: User,
    now: datetime,
    seen: datetime | None = None,
) -> Meeting:
    """Change a meeting (never its state), and tell those who come where it touches their plans.

    `seen`: `updated_at` as the person had it before them. Raises ChangedMeanwhile.
    """
    if unknown := changes.keys() - CALENDAR_FIELDS - TEXT_FIELDS - {"capacity"}:
        raise ValueError(f"not to be changed here: {sorted(unknown)}")
    row = lock_meeting(meeting)
    if seen is not None and row.updated_at != seen:
        raise ChangedMeanwhile(
            _("Somebody else changed this meeting while you had it open. Compare, then save again.")
        )
    capacity = changes.get("capacity", seats_wanted(row))
    if capacity != seats_wanted(row):
        change_capacity(meeting=row, capacity=capacity, by=by, now=now)
        row = lock_meeting(meeting)
    changed = {
        name: value
        for name, value in changes.items()
        if name != "capacity" and getattr(row, name) != value
    }
    if not changed:
        return row
    _refuse_recording(row, changed)
    if changed.keys() & CALENDAR_FIELDS:
        _change_plans(row, changed, by=by, now=now)
    else:
        _apply(row, changed, now)
        _record("meeting_updated", row, by=by, changed=changed)
    return row


def say_no_recording() -> str:
    return _(
        "People speak of themselves in a dialogue, so it cannot be recorded. Choose “Nothing is "
        "recorded”, or record only a presentation."
    )


def _refuse_recording(row: Meeting, changed: dict[str, Any]) -> None:
    kind = changed.get("kind", row.kind)
    policy = changed.get("recording_policy", row.recording_policy)
    if may_not_record(kind, row.format is not None and row.format.is_dialogue, policy):
        raise ActionError(say_no_recording())


def _change_plans(row: Meeting, changed: dict[str, Any], *, by: User, now: datetime) -> None:
    is_public = row.state == Meeting.State.SCHEDULED
    if not is_public and row.state != Meeting.State.DRAFT:
        raise ActionError(_("This meeting is over or cancelled. When and where it was stays."))
    if is_public and row.starts_at <= now and changed.keys() & TIME_FIELDS:
        raise ActionError(_("This meeting has begun. Its time cannot change any more."))
    old = copy(row)
    _apply(row, changed, now, raise_sequence=is_public)
    if is_public and changed.keys() & TIME_FIELDS and row.starts_at <= now:
        raise ActionError(_("This meeting would start in the past. Choose a later time."))
    moved = is_real_move(old, row)
    action = "meeting_rescheduled" if moved else "meeting_updated"
    was, will = (f"{one.starts_at:%Y-%m-%dT%H:%MZ}" for one in (old, row))
    _record(
        action, row, by=by, changed=changed, old=was if moved else "", new=will if moved else ""
    )
    if is_public:
        tell_change(row, old=old, by=by, now=now)


def _apply(
    row: Meeting, changed: dict[str, Any], now: datetime, *, raise_sequence: bool = False
) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    row.derive_instants()
    row.updated_at = next_update(row, now)
    values = {name: getattr(row, name) for name in ("starts_at", "ends_at", "updated_at")}
    values |= changed
    if raise_sequence:
        # The row is locked, so no two changes can take the same number (ICS-3).
        row.sequence, row.sequence_at = row.sequence + 1, now
        values |= {"sequence": row.sequence, "sequence_at": now}
    Meeting.objects.filter(pk=row.pk).update(**values)


@transaction.atomic
def change_capacity(*, meeting: Meeting, capacity: int | None, by: User, now: datetime) -> Meeting:
    """More seats go to the line at once. Fewer than are taken: nobody loses one (RS4).

    The room then holds just those who are in it, and shrinks as they give their seats back.
    """
    if capacity is not None and capacity < 1:
        raise ActionError(_("Leave at least one seat, or empty the field for no limit."))
    row = lock_meeting(meeting)
    old, target = seats_wanted(row), None
    if capacity is not None and capacity < row.going_count:
        capacity, target = row.going_count, capacity
    row.capacity, row.target_capacity = capacity, target
    row.updated_at = next_update(row, now)
    Meeting.objects.filter(pk=row.pk).update(
        capacity=capacity, target_capacity=target, updated_at=row.updated_at
    )
    fill_seats(row, now=now)
    new = seats_wanted(row)
    _record("meeting_capacity_changed", row, by=by, old=str(old or ""), new=str(new or ""))
    return row


def _record(
    action: str,
    row: Meeting,
    *,
    by: User,
    changed: dict[str, Any] | None = None,
    old: str = "",
    new: str = "",
) -> None:
    fields = ", ".join(sorted(changed or {}))
    scope = row.community.public_id
    record(action, row, by=by, scope=scope, old=old, new=new, reason=fields)
