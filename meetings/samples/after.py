"""Samples of the letters after a meeting."""

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Scene
from meetings.emails import after
from meetings.models import Meeting, MeetingNotes, MeetingRole, Rsvp
from meetings.samples.meetings import meeting_sample, sample_meeting
from members.samples import sample_person

HOLDER, WRITER = _("the issue holder"), _("whoever wrote the notes")


def _role(scene: Scene) -> MeetingRole:
    question = scene.said(
        "How do I keep good night staff?", "Comment garder une bonne équipe de nuit?"
    )
    return MeetingRole(
        meeting=sample_meeting(scene), person=sample_person(scene), part="issue_holder",
        question=question,
    )  # fmt: skip


def _notes(scene: Scene, state: str) -> MeetingNotes:
    return MeetingNotes(meeting=sample_meeting(scene), state=state)


def notes_for_holder(scene: Scene) -> Email:
    role = _role(scene)
    return after.notes_letter(MeetingNotes(meeting=role.meeting), role).email


def notes_yes(scene: Scene) -> Email:
    notes = _notes(scene, MeetingNotes.State.APPROVED)
    return after.answered_letter(notes, sample_person(scene)).email


def notes_no(scene: Scene) -> Email:
    notes = _notes(scene, MeetingNotes.State.REFUSED)
    return after.answered_letter(notes, sample_person(scene)).email


def follow_up(scene: Scene) -> Email:
    return after.happened_letter(_role(scene)).email


def materials(scene: Scene) -> Email:
    meeting = sample_meeting(scene)
    meeting.notes_outcome = Meeting.Outcome.PUBLISHED
    meeting.materials = scene.said(
        "Slides:\nhttps://files.example/night-staff", "Diapos :\nhttps://files.example/nuit"
    )
    rsvp = Rsvp(meeting=meeting, person=sample_person(scene), state=Rsvp.State.SEND_MATERIALS)
    return after.materials_letter(rsvp).email


SAMPLES = [
    meeting_sample("notes_for_holder", _("May we share these notes?"), HOLDER,
                   _("a facilitator asks for the yes"), notes_for_holder),
    meeting_sample("notes_answered", _("The notes may be shared"), WRITER,
                   _("the issue holder says yes"), notes_yes),
    meeting_sample("notes_refused", _("The notes stay private"), WRITER,
                   _("the issue holder says no"), notes_no, "notes_answered"),
    meeting_sample("follow_up", _("What happened since?"), HOLDER,
                   _("thirty days after the meeting"), follow_up),
    meeting_sample("materials", _("The materials you asked for"),
                   _("those who could not come and asked"), _("the meeting is wrapped up"),
                   materials),
]  # fmt: skip
