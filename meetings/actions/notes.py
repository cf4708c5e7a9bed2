"""The notes of a meeting: written by those who ran it, let go by whose question it was (3.2)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.seats import lock_meeting
from meetings.emails import after as emails
from meetings.models import Meeting, MeetingNotes, MeetingRole
from meetings.queries.notes import holder_of
from members.models import User

State = MeetingNotes.State
TEXTS = ("questions", "ideas", "resources", "may_share")


class NotesChanged(ActionError):
    """Somebody else saved in between. What was typed is still in the form."""


@transaction.atomic
def save_notes(
    *, meeting: Meeting, texts: dict[str, str], version: int, by: User, now: datetime
) -> MeetingNotes:
    """`version`: the one the writer saw; 0 for the first. Raises NotesChanged.

    Changed words need the holder's yes again, and are not published until then.
    """
    row = lock_meeting(meeting)
    if row.state in {Meeting.State.DRAFT, Meeting.State.CANCELLED} or row.starts_at > now:
        raise ActionError(_("Notes can be written once the meeting has begun."))
    values = {name: texts.get(name, "").strip() for name in TEXTS}
    notes = MeetingNotes.objects.select_for_update().filter(meeting=row).first()
    if notes is None:
        notes = MeetingNotes.objects.create(meeting=row, written_by=by, **values)
        _note("meeting_notes_written", row, by, notes.state)
        return notes
    if all(getattr(notes, name) == value for name, value in values.items()):
        return notes
    if version != notes.version:
        raise NotesChanged(
            _("Somebody else saved these notes meanwhile. Their words stand on top, yours below: "
              "put them together and save again.")
        )  # fmt: skip
    _set(notes, **values, written_by=by, version=notes.version + 1, state=State.DRAFT)
    _note("meeting_notes_written", row, by, notes.state)
    return notes


@transaction.atomic
def ask_holder(*, notes: MeetingNotes, by: User, now: datetime) -> MeetingNotes:
    """Show them to the issue holder, who says yes or no by a link. Asking twice writes once."""
    notes = _locked(notes)
    holder = holder_of(notes.meeting)
    if holder is None:
        raise ActionError(
            _("This meeting has no issue holder: you can publish the notes yourself.")
        )
    if notes.state == State.PUBLISHED:
        raise ActionError(_("These notes are published already."))
    _set(notes, state=State.WITH_HOLDER, asked_at=now)
    emails.notes_to_look_at(notes, holder, now=now)
    _note("meeting_notes_asked", notes.meeting, by, notes.state)
    return notes


@transaction.atomic
def answer_notes(*, role: MeetingRole, version: int, agrees: bool, now: datetime) -> MeetingNotes:
    """The issue holder's word. `version`: of the words that were read."""
    rows = MeetingNotes.objects.filter(meeting=role.meeting_id)
    notes = rows.select_for_update(of=("self",)).select_related("meeting__community").first()
    if notes is None or notes.state == State.DRAFT:
        raise ActionError(_("These notes are being written. We ask you when they are ready."))
    if version != notes.version:
        raise ActionError(
            _("The notes were changed since you opened them. Please read them again.")
        )
    if notes.state == State.PUBLISHED:
        raise ActionError(_("These notes are published. Write to the coordinator if you disagree."))
    _set(notes, state=State.APPROVED if agrees else State.REFUSED, answered_at=now)
    _note("meeting_notes_answered", notes.meeting, role.person, notes.state)
    emails.notes_answered(notes, now=now)
    return notes


@transaction.atomic
def publish_notes(*, notes: MeetingNotes, by: User, now: datetime) -> MeetingNotes:
    """The facilitator's word, after the holder's. A no leaves the list of resources alone."""
    notes = _locked(notes)
    holder = holder_of(notes.meeting)
    if notes.state == State.PUBLISHED:
        return notes
    if holder is not None and notes.state not in {State.APPROVED, State.REFUSED}:
        raise ActionError(_("The issue holder has not answered yet. Nothing is published before."))
    if notes.state == State.REFUSED:
        _set(notes, questions="", ideas="", may_share="")
    if not any(getattr(notes, name) for name in TEXTS):
        raise ActionError(_("There is nothing to publish. You can say that there are no notes."))
    _set(notes, state=State.PUBLISHED, published_at=now)
    Meeting.objects.filter(pk=notes.meeting_id).update(
        notes_outcome=Meeting.Outcome.PUBLISHED, updated_at=now
    )
    _note("meeting_notes_published", notes.meeting, by, notes.state)
    return notes


def _locked(notes: MeetingNotes) -> MeetingNotes:
    rows = MeetingNotes.objects.select_for_update(of=("self",))
    return rows.select_related("meeting__community").get(pk=notes.pk)


def _set(notes: MeetingNotes, **values: object) -> None:
    for name, value in values.items():
        setattr(notes, name, value)
    notes.save(update_fields=[*values, "updated_at"])


def _note(action: str, meeting: Meeting, by: User | None, new: str) -> None:
    record(action, meeting, by=by, scope=meeting.community.public_id, new=new)
