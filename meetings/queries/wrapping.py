"""What is still to do after a meeting, in the same words and shape as before it."""

from django.utils.translation import gettext as _

from meetings.models import Meeting
from meetings.queries.readiness import Blocks, Check

Outcome = Meeting.Outcome


def wrap_checks(meeting: Meeting) -> list[Check]:
    """Attendance saved; notes published or none; recording published or none."""
    attendance = meeting.attendance_saved_at is not None
    return [
        Check(
            "attendance",
            _("Attendance is saved") if attendance else _("Save who was there"),
            attendance,
            Blocks.WRAPPING,
            "attendance",
            _("the attendance"),
        ),
        _notes_check(meeting),
        _recording_check(meeting),
    ]


def _notes_check(meeting: Meeting) -> Check:
    words = {
        Outcome.OPEN: _("Publish the notes, or say that there are none"),
        Outcome.NONE: _("There are no notes"),
        Outcome.PUBLISHED: _("The notes are published"),
    }[Outcome(meeting.notes_outcome)]
    is_done = meeting.notes_outcome != Outcome.OPEN
    thing = _("the notes, or that there are none")
    return Check("notes", words, is_done, Blocks.WRAPPING, "notes", thing)


def _recording_check(meeting: Meeting) -> Check:
    is_open = meeting.recording_outcome == Outcome.OPEN
    if is_open and meeting.recording_policy == Meeting.Recording.NONE:
        return Check("recording", _("Nothing was to be recorded"), True, Blocks.WRAPPING, "wrap")
    words = {
        Outcome.OPEN: _("Publish the recording, or say that there is none"),
        Outcome.NONE: _("There is no recording"),
        Outcome.PUBLISHED: _("The recording is published"),
    }[Outcome(meeting.recording_outcome)]
    thing = _("the recording, or that there is none")
    return Check("recording", words, not is_open, Blocks.WRAPPING, "wrap", thing)
