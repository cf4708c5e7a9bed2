"""The agenda of one meeting: copied from a format, fitted to its time, changed by hand (2.10)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from cop.core.text import localized
from meetings.actions.seats import lock_meeting
from meetings.actions.states import next_update
from meetings.models import AgendaStep, Meeting, SessionFormat
from meetings.scaling import CannotScale, Stretch, scale
from members.models import User

# Of one step: what staff can change.
FIELDS = ("title", "minutes", "room", "lead", "instruction", "is_flexible", "output")
MOST = 40


@transaction.atomic
def assign_format(
    *, meeting: Meeting, format: SessionFormat, by: User, now: datetime
) -> list[AgendaStep]:
    """Copy the steps into the meeting, in its language, fitted to its length where that can be.

    Where it cannot, the steps keep their minutes, and the page says how many are over or missing.
    Kind and recording come from the format (MT7).
    """
    row = lock_meeting(meeting)
    _refuse_when_over(row, now)
    steps = list(format.steps.order_by("order"))
    minutes = _fitted([Stretch(s.minutes, s.is_flexible) for s in steps], row.duration)
    row.agenda.all().delete()
    made = AgendaStep.objects.bulk_create(
        AgendaStep(
            meeting=row, order=order, minutes=length, room=step.room, lead=step.lead,
            title=localized(step, "title", row.language),
            instruction=localized(step, "instruction", row.language),
            output=localized(step, "output", row.language),
            is_flexible=step.is_flexible, split_over=step.split_over,
        )
        for order, (step, length) in enumerate(zip(steps, minutes, strict=True), start=1)
    )  # fmt: skip
    values = {"format": format, "kind": format.kind, "recording_policy": format.recording_policy}
    Meeting.objects.filter(pk=row.pk).update(**values, updated_at=next_update(row, now))
    record("meeting_format_chosen", row, by=by, scope=row.community.public_id, new=format.code)
    return made


def _fitted(steps: list[Stretch], wanted: int) -> list[int]:
    try:
        return scale(steps, wanted)
    except CannotScale:
        return [step.minutes for step in steps]


@transaction.atomic
def edit_agenda(
    *, meeting: Meeting, rows: Sequence[dict[str, Any]], by: User, now: datetime
) -> Meeting:
    """`rows`: one for each step in their order, with `id` of those that are there already.

    Steps that are not among them are gone. Minutes need not add up yet: the readiness list says
    what is missing. Notes taken on the run sheet stay with their step.
    """
    row = lock_meeting(meeting)
    _refuse_when_over(row, now)
    if len(rows) > MOST:
        raise ActionError(_("An agenda has at most forty steps. Put some together."))
    known = {step.pk: step for step in row.agenda.all()}
    keep = {one["id"] for one in rows if one.get("id") in known}
    row.agenda.exclude(pk__in=keep).delete()
    for order, one in enumerate(rows, start=1):
        values = {name: one[name] for name in FIELDS if name in one}
        step = known.get(one.get("id"))
        if step is None:
            row.agenda.create(order=order, **values)
        else:
            AgendaStep.objects.filter(pk=step.pk).update(order=order, **values)
    Meeting.objects.filter(pk=row.pk).update(updated_at=next_update(row, now))
    record("meeting_agenda_changed", row, by=by, scope=row.community.public_id)
    return row


@transaction.atomic
def fit_agenda(*, meeting: Meeting, by: User, now: datetime) -> Meeting:
    """Stretch or shorten the flexible steps to the meeting's length (F2). Raises ActionError."""
    row = lock_meeting(meeting)
    _refuse_when_over(row, now)
    steps = list(row.agenda.order_by("order", "pk"))
    try:
        minutes = scale([Stretch(s.minutes, s.is_flexible) for s in steps], row.duration)
    except CannotScale as error:
        raise ActionError(_say_bounds(error)) from error
    for step, length in zip(steps, minutes, strict=True):
        step.minutes = length
    AgendaStep.objects.bulk_update(steps, ["minutes"])
    Meeting.objects.filter(pk=row.pk).update(updated_at=next_update(row, now))
    record("meeting_agenda_changed", row, by=by, scope=row.community.public_id)
    return row


def _say_bounds(error: CannotScale) -> str:
    if error.longest is not None:
        return _(
            "No step here can be stretched, so this agenda takes %(n)d minutes. Tick a step that "
            "can, or change minutes by hand."
        ) % {"n": error.shortest}
    return _(
        "The flexible steps can be halved and no more: this agenda takes %(n)d minutes at least. "
        "Take a step out, or give the meeting more time."
    ) % {"n": error.shortest}


def _refuse_when_over(row: Meeting, now: datetime) -> None:
    if row.state not in {Meeting.State.DRAFT, Meeting.State.SCHEDULED} or row.ends_at <= now:
        raise ActionError(_("This meeting is over or cancelled. Its agenda stays as it was."))
