from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings import emails
from meetings.actions.seats import fill_seats, lock_meeting
from meetings.models import Meeting, Rsvp
from members.models import User
from outbox.actions import cancel_deliveries

# What people wrote into their calendars: a change of these is told to each of them (MT4).
CALENDAR_FIELDS = {
    "local_date", "local_time", "timezone", "duration", "audience", "mode", "place", "join_url",
    "dial_in",
}  # fmt: skip
TIME_FIELDS = {"local_date", "local_time", "timezone", "duration"}
TEXT_FIELDS = {
    "title", "description", "kind", "language", "stream", "content_note", "support_person",
    "facilitator",
}  # fmt: skip
# Several changes in a row become one mail, where there is time for it (MT4).
MERGE_WITHIN, MERGE_UNTIL = timedelta(minutes=15), timedelta(hours=3)


@transaction.atomic
def update_meeting(
    *, meeting: Meeting, changes: dict[str, Any], by: User, now: datetime
) -> Meeting:
    """Change a meeting (never its state), and tell those who come where it touches their plans."""
    if unknown := changes.keys() - CALENDAR_FIELDS - TEXT_FIELDS - {"capacity"}:
        raise ValueError(f"not to be changed here: {sorted(unknown)}")
    row = lock_meeting(meeting)
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    if "capacity" in changed:
        change_capacity(meeting=row, capacity=changed.pop("capacity"), by=by, now=now)
        row = lock_meeting(meeting)
    if not changed:
        return row
    if changed.keys() & CALENDAR_FIELDS:
        _change_plans(row, changed, by=by, now=now)
    else:
        _apply(row, changed, now)
        _record("meeting_updated", row, by=by, changed=changed)
    return row


def _change_plans(row: Meeting, changed: dict[str, Any], *, by: User, now: datetime) -> None:
    is_public = row.state == Meeting.State.SCHEDULED
    if not is_public and row.state != Meeting.State.DRAFT:
        raise ActionError(_("This meeting is over or cancelled. When and where it was stays."))
    if is_public and row.starts_at <= now and changed.keys() & TIME_FIELDS:
        raise ActionError(_("This meeting has begun. Its time cannot change any more."))
    old_start, old_day = row.starts_at, row.local_date
    _apply(row, changed, now, raise_sequence=is_public)
    if is_public and changed.keys() & TIME_FIELDS and row.starts_at <= now:
        raise ActionError(_("This meeting would start in the past. Choose a later time."))
    moved = abs(row.starts_at - old_start) > timedelta(minutes=30) or row.local_date != old_day
    action = "meeting_rescheduled" if moved else "meeting_updated"
    old, new = (f"{start:%Y-%m-%dT%H:%MZ}" for start in (old_start, row.starts_at))
    _record(action, row, by=by, changed=changed, old=old if moved else "", new=new if moved else "")
    if is_public:
        _tell_change(row, moved=moved, now=now)


def _apply(
    row: Meeting, changed: dict[str, Any], now: datetime, *, raise_sequence: bool = False
) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    row.derive_instants()
    row.updated_at = now
    values = {**changed, "starts_at": row.starts_at, "ends_at": row.ends_at, "updated_at": now}
    if raise_sequence:
        # The row is locked, so no two changes can take the same number (ICS-3).
        row.sequence, row.sequence_at = row.sequence + 1, now
        values |= {"sequence": row.sequence, "sequence_at": now}
    Meeting.objects.filter(pk=row.pk).update(**values)


def _tell_change(row: Meeting, *, moved: bool, now: datetime) -> None:
    """One mail each. Whoever said yes to another time is asked again, and keeps the seat (MT5)."""
    if moved:
        for rsvp in row.rsvps.filter(state=Rsvp.State.GOING).order_by("pk"):
            rsvp.state, rsvp.version = Rsvp.State.NEEDS_CONFIRMATION, rsvp.version + 1
            rsvp.save(update_fields=["state", "version"])
    for kind in ("reminder", "changed"):
        cancel_deliveries(prefix=f"{kind}:{row.public_id}:", reason="meeting changed", now=now)
    there_is_time = row.starts_at - now > MERGE_UNTIL
    due_at = now + MERGE_WITHIN if there_is_time else now
    people = row.rsvps.involved().still_admitted().select_related("person")
    for rsvp in people.order_by("pk"):
        key = f"changed:{row.public_id}:{rsvp.person_id}:{row.sequence}"
        emails.changed(rsvp, row).queue(key, due_at=due_at, expires_at=row.starts_at)


@transaction.atomic
def change_capacity(*, meeting: Meeting, capacity: int | None, by: User, now: datetime) -> Meeting:
    """More seats go to the line at once; fewer than are taken is refused (RS4)."""
    row = lock_meeting(meeting)
    if capacity is not None and capacity < row.going_count:
        raise ActionError(
            ngettext(
                "%(n)d seat is taken already. Leave at least as many.",
                "%(n)d seats are taken already. Leave at least as many.",
                row.going_count,
            )
            % {"n": row.going_count}
        )
    old, row.capacity, row.updated_at = row.capacity, capacity, now
    Meeting.objects.filter(pk=row.pk).update(capacity=capacity, updated_at=now)
    fill_seats(row, now=now)
    _record("meeting_capacity_changed", row, by=by, old=str(old or ""), new=str(capacity or ""))
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
