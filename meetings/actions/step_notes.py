"""Notes at the steps of a meeting, taken by several people on shaky lines: nothing is lost."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings.models import AgendaStep, Meeting
from members.models import User


class StepGone(ActionError):
    """The agenda was changed meanwhile."""


@dataclass(frozen=True)
class SavedNote:
    step: AgendaStep
    # Somebody else had written meanwhile: both texts stand in the note now.
    is_joined: bool


@transaction.atomic
def save_step_note(*, meeting: Meeting, step: int, note: str, version: int, by: User) -> SavedNote:
    """`version`: the one the writer saw. A stale one never overwrites; sent twice is kept once."""
    row = AgendaStep.objects.select_for_update().filter(meeting=meeting, pk=step).first()
    if row is None:
        raise StepGone(
            _("This step is no longer in the agenda. Copy your note to another step to keep it.")
        )
    note = note.replace("\r\n", "\n").strip()
    kept = note if version == row.note_version else both_texts(row.note, note, str(by))
    is_joined = kept not in {note, row.note}
    if kept != row.note:
        row.note, row.note_version = kept, row.note_version + 1
        row.save(update_fields=["note", "note_version"])
    return SavedNote(row, is_joined)


def both_texts(theirs: str, mine: str, name: str) -> str:
    """One text with all of the words of both; what stands there already is not said again."""
    if mine in theirs:
        return theirs
    if mine.startswith(theirs):
        return mine
    return f"{theirs}\n\n— {name}:\n{mine}"
