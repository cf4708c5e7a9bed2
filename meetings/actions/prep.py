"""The call of issue holder and facilitator, in both calendars: planned, moved, called off."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.seats import lock_meeting
from meetings.emails import roles as emails
from meetings.models import Meeting, PrepCall
from members.models import User


@transaction.atomic
def plan_prep_call(
    *, meeting: Meeting, day: date, at: time, join_url: str, by: User, now: datetime
) -> PrepCall:
    """`at`: wall time in the meeting's zone. The same once more changes nothing."""
    row = lock_meeting(meeting)
    call = PrepCall.objects.select_for_update().filter(meeting=row).first()
    wanted = {"local_date": day, "local_time": at, "timezone": row.timezone, "join_url": join_url}
    if call is not None and not call.is_cancelled and _same(call, wanted):
        return call
    call = call or PrepCall(meeting=row, sequence=-1)
    for name, value in wanted.items():
        setattr(call, name, value)
    call.derive_instants()
    if call.starts_at <= now or call.ends_at > row.starts_at:
        raise ActionError(_("Choose a time that is still to come, and before the meeting."))
    call.is_cancelled, call.sequence = False, call.sequence + 1
    call.save()
    call.meeting = row
    emails.tell_prep_call(call, now=now)
    record("prep_call_planned", row, by=by, scope=row.community.public_id)
    return call


def _same(call: PrepCall, wanted: dict[str, object]) -> bool:
    return all(getattr(call, name) == value for name, value in wanted.items())


@transaction.atomic
def cancel_prep_call(*, meeting: Meeting, by: User, now: datetime) -> None:
    """Both are told; a second press does nothing."""
    row = lock_meeting(meeting)
    call = _planned(row)
    if call is None:
        return
    call.is_cancelled, call.sequence = True, call.sequence + 1
    call.save(update_fields=["is_cancelled", "sequence", "updated_at"])
    emails.tell_prep_call(call, now=now)
    record("prep_call_cancelled", row, by=by, scope=row.community.public_id)


def hand_over_prep_call(
    row: Meeting, *, left: Iterable[User] = (), came: Iterable[User] = (), now: datetime
) -> None:
    """The issue holder changed: the entry leaves one calendar and enters another.

    `row` is locked. The facilitator's entry stays as it is.
    """
    call = _planned(row)
    if call is None or call.starts_at <= now:
        return
    call.sequence += 1
    call.save(update_fields=["sequence", "updated_at"])
    for person in left:
        emails.tell_of_prep_call(call, person, is_off=True, now=now)
    for person in came:
        emails.tell_of_prep_call(call, person, is_off=False, now=now)


def _planned(row: Meeting) -> PrepCall | None:
    call = PrepCall.objects.select_for_update().filter(meeting=row, is_cancelled=False).first()
    if call is not None:
        call.meeting = row
    return call
