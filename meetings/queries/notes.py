"""Notes and what came of a meeting: who writes, who decides, what others may read."""

from django.db.models import Exists, OuterRef

from meetings.access import prepares
from meetings.models import Meeting, MeetingNotes, MeetingRole, Part
from members.access import Visitor, has_role
from members.models import Community

WRITERS = (Part.FACILITATOR, Part.NOTE_TAKER, Part.LEAD, Part.SPEAKER)


def holder_of(meeting: Meeting) -> MeetingRole | None:
    """Whose question it was. With several circles: the first of them."""
    holders = MeetingRole.objects.filter(
        meeting=meeting, part=Part.ISSUE_HOLDER, state__in=MeetingRole.IN_FORCE, is_backup=False,
        person__is_active=True,
    )  # fmt: skip
    return holders.select_related("person", "meeting__community").order_by("pk").first()


def may_write_notes(person: Visitor, meeting: Meeting) -> bool:
    """Who ran it and who took notes, as long as they belong; the community's facilitators too."""
    if not person.is_authenticated or person.is_walled():
        return False
    if has_role(person, meeting.community, "coordinator", "facilitator"):
        return True
    roles = MeetingRole.objects.filter(
        meeting=OuterRef("pk"), person=person, part__in=WRITERS, is_backup=False,
        state__in=MeetingRole.IN_FORCE,
    )  # fmt: skip
    mine = Meeting.objects.visible_to(person).filter(pk=meeting.pk)
    return mine.filter(Exists(roles)).exists() or (mine.exists() and prepares(meeting, person))


def published_notes(person: Visitor, meeting: Meeting) -> MeetingNotes | None:
    """For members and allies, also where the meeting was open to everybody. One query or two."""
    rows = MeetingNotes.objects.filter(meeting=meeting, state=MeetingNotes.State.PUBLISHED)
    notes = rows.first()
    if notes is None:
        return None
    inside = "members" if meeting.audience == "members_only" else "members_and_allies"
    opens = Community.objects.opening(person, inside).filter(pk=meeting.community_id)
    return notes if opens.exists() else None


def told_later(meeting: Meeting) -> list[MeetingRole]:
    """What holders told after thirty days, and said may be shared."""
    roles = MeetingRole.objects.filter(
        meeting=meeting, part=Part.ISSUE_HOLDER, outcome_may_be_shared=True
    )
    return list(roles.exclude(outcome="").order_by("pk"))


def notes_of_steps(meeting: Meeting) -> str:
    """What was noted on the run sheet, as a beginning."""
    steps = meeting.agenda.exclude(note="").order_by("order", "pk")
    return "\n\n".join(f"{step.title}\n{step.note}" for step in steps)
