"""Calling a meeting off, with a new day where there is one, and taking that back (MT6)."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings import emails
from meetings.actions.notices import tell_parts
from meetings.actions.prep import cancel_prep_call
from meetings.actions.seats import fill_seats, lock_meeting
from meetings.actions.states import note_state, set_values
from meetings.emails.parts import News
from meetings.models import AgendaStep, Meeting, MeetingRole
from members.models import User
from outbox.actions import cancel_deliveries, queue_emails

State = Meeting.State
# What a make-up meeting takes over from the one that was called off.
TAKEN_OVER = (
    "community", "stream", "series", "title", "description", "kind", "format", "topic", "circles",
    "language", "timezone", "duration", "audience", "mode", "place", "join_url", "dial_in",
    "interpretation", "has_captions", "sign_language", "recording_policy", "pre_reading",
    "materials", "content_note", "support_person", "facilitator",
)  # fmt: skip
# What waits in the outbox under these keys tells of a meeting that does not take place.
TAKEN_BACK = (
    "reminder", "changed", "rsvp", "link_replaced", "restored", "invitation", "nudge", "part_news",
    "role",
)  # fmt: skip


@transaction.atomic
def cancel_meeting(
    *,
    meeting: Meeting,
    reason: str,
    by: User,
    now: datetime,
    make_up_date: date | None = None,
    make_up_time: time | None = None,
) -> Meeting:
    """Call a meeting off and tell, with the reason, everybody who meant to come (MT6).

    `make_up_date`: a draft for that day takes over all that was prepared.
    """
    reason = reason.strip()
    if not reason:
        raise ActionError(_("Say in a few words why, so that people can understand it."))
    row = lock_meeting(meeting)
    if row.state not in {State.DRAFT, State.SCHEDULED} or row.ends_at <= now:
        raise ActionError(_("This meeting is over or off already, so it cannot be cancelled."))
    old = row.state
    announced_at = row.announced_at or (now if old == State.SCHEDULED else None)
    set_values(
        row, now, state=State.CANCELLED, cancel_reason=reason, sequence_at=now,
        sequence=row.sequence + 1, change_before=None, change_due_at=None,
        announced_at=announced_at,
    )  # fmt: skip
    make_up = _make_up(row, make_up_date, make_up_time, by, now) if make_up_date else None
    _tell(row, make_up, now)
    tell_parts(row, News.CANCELLED, by=by, due_at=now, now=now)
    cancel_prep_call(meeting=row, by=by, now=now)
    note_state("meeting_cancelled", row, by=by, old=old, reason=reason)
    return row


def _tell(row: Meeting, make_up: Meeting | None, now: datetime) -> None:
    for kind in TAKEN_BACK:
        cancel_deliveries(prefix=f"{kind}:{row.public_id}:", reason="meeting cancelled", now=now)
    mails = []
    for rsvp in row.rsvps.involved().select_related("person__meeting_choices").order_by("pk"):
        key = f"cancelled:{row.public_id}:{rsvp.person_id}:{row.sequence}"
        letter = emails.cancelled(rsvp, row, make_up=make_up)
        mails.append(letter.outgoing(key, due_at=now, expires_at=row.ends_at))
    queue_emails(mails, now=now)


def _make_up(
    row: Meeting, day: date, at: time | None, by: User, now: datetime
) -> Meeting:  # fmt: skip
    """A draft with the same facts, agenda and people; each of them is asked for the new day."""
    facts = {name: getattr(row, name) for name in TAKEN_OVER}
    new = Meeting(**facts, local_date=day, local_time=at or row.local_time, make_up_for=row)
    new.capacity = row.capacity if row.target_capacity is None else row.target_capacity
    new.derive_instants()
    if new.starts_at <= now:
        raise ActionError(_("The make-up day has gone by. Choose a day that is still to come."))
    new.save(force_insert=True)
    _copy_agenda(row, new)
    _copy_people(row, new)
    record("meeting_drafted", new, by=by, scope=row.community.public_id)
    return new


def _copy_agenda(row: Meeting, new: Meeting) -> None:
    steps = list(row.agenda.order_by("order"))
    for step in steps:
        step.pk, step.meeting, step.note, step.note_version = None, new, "", 0
    AgendaStep.objects.bulk_create(steps)


def _copy_people(row: Meeting, new: Meeting) -> None:
    """Their brief is theirs and goes along. A yes was for the other day."""
    kept = ("part", "person", "name", "is_backup", "context", "tried", "question", "brief_at")
    roles = row.roles.filter(state__in=MeetingRole.IN_FORCE).order_by("pk")
    MeetingRole.objects.bulk_create(
        MeetingRole(meeting=new, **{name: getattr(role, name) for name in kept})
        for role in roles.select_related("person")
    )


@transaction.atomic
def restore_meeting(*, meeting: Meeting, by: User, now: datetime) -> Meeting:
    """It takes place after all: the same entry in the calendars, and the same people told (ICS-2).

    What was called off as a draft is a draft again, and nobody is told.
    """
    row = lock_meeting(meeting)
    if row.state != State.CANCELLED:
        raise ActionError(_("This meeting is not cancelled. Open it again and look."))
    if row.starts_at <= now:
        raise ActionError(
            _("This meeting would have begun by now. Plan a new one for another day.")
        )
    was_public = row.announced_at is not None
    set_values(
        row, now, state=State.SCHEDULED if was_public else State.DRAFT, cancel_reason="",
        sequence=row.sequence + 1, sequence_at=now,
    )  # fmt: skip
    note_state("meeting_restored", row, by=by, old=State.CANCELLED)
    if was_public:
        _tell_restored(row, now)
        prefix = f"part_news:{row.public_id}:"
        cancel_deliveries(prefix=prefix, reason="meeting takes place", now=now)
        tell_parts(row, News.RESTORED, by=by, due_at=now, now=now)
        fill_seats(row, now=now)
    return row


def _tell_restored(row: Meeting, now: datetime) -> None:
    cancel_deliveries(
        prefix=f"cancelled:{row.public_id}:", reason="meeting takes place", now=now
    )  # fmt: skip
    people = row.rsvps.involved().still_admitted().select_related("person__meeting_choices")
    mails = []
    for rsvp in people.order_by("pk"):
        key = f"restored:{row.public_id}:{rsvp.person_id}:{row.sequence}"
        letter = emails.restored(rsvp, row)
        mails.append(letter.outgoing(key, due_at=now, expires_at=row.starts_at))
    queue_emails(mails, now=now)
