"""What a meeting gives to the library: the words to begin with, and who is in it."""

from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from library.models import Resource, ResourceCredit, Visibility
from library.queries.credits import AUDIENCES, covers
from meetings.access import prepares
from meetings.models import Audience, Meeting, MeetingNotes, MeetingRole, Part
from meetings.models.formats import Recording
from members.access import Visitor
from members.models import User
from members.queries.communities import holds_here

Kind, Credit = Resource.Kind, ResourceCredit.Part
# What comes out of a meeting, in the order in which it is offered.
KINDS = (Kind.MEETING_NOTES, Kind.SLIDES, Kind.RECORDING)
WIDEST = {
    Audience.MEMBERS_ONLY: Visibility.MEMBERS,
    Audience.MEMBERS_AND_ALLIES: Visibility.MEMBERS_AND_ALLIES,
    Audience.PUBLIC: Visibility.PUBLIC,
}
# Who is in it, by kind: the parts at the meeting, and as what they stand in the resource.
PARTS: dict[str, dict[str, str]] = {
    Kind.SLIDES: {Part.SPEAKER: Credit.AUTHOR, Part.LEAD: Credit.AUTHOR},
    # Notes say what was said and not who; but the issue is somebody's own story.
    Kind.MEETING_NOTES: {Part.ISSUE_HOLDER: Credit.STORY},
    Kind.RECORDING: {
        Part.FACILITATOR: Credit.SPEAKER, Part.SPEAKER: Credit.SPEAKER,
        Part.ISSUE_HOLDER: Credit.SPEAKER, Part.LEAD: Credit.SPEAKER,
        Part.TABLE_HOSTS: Credit.SPEAKER, Part.TOPIC_HOSTS: Credit.SPEAKER,
        Part.INNER_CIRCLE: Credit.SPEAKER,
    },
}  # fmt: skip
MOST_TITLE, MOST_SUMMARY, MOST_TOPIC = 160, 1000, 60


@dataclass(frozen=True)
class Candidate:
    """Somebody with a part in the meeting, who may be in what came of it."""

    key: str
    part: str
    person: User | None
    name: str

    @property
    def who(self) -> str:
        return str(self.person) if self.person else self.name


def may_bring(person: Visitor, meeting: Meeting) -> bool:
    """Who prepared the meeting, and who looks after the library there."""
    if not person.is_authenticated or person.sees_as_member_of is not None:
        return False
    return prepares(meeting, person) or holds_here(meeting.community, "librarian")


def kinds_of(meeting: Meeting) -> list[str]:
    """No recording of a meeting that was announced as not recorded."""
    is_recorded = meeting.recording_policy != Recording.NONE
    return [kind for kind in KINDS if is_recorded or kind != Kind.RECORDING]


def candidates(meeting: Meeting, kind: str) -> list[Candidate]:
    wanted = PARTS[kind]
    found = []
    if meeting.facilitator is not None and Part.FACILITATOR in wanted:
        part = wanted[Part.FACILITATOR]
        found.append(Candidate("facilitator", part, meeting.facilitator, ""))
    roles = meeting.roles.filter(
        part__in=list(wanted), state__in=MeetingRole.IN_FORCE, is_backup=False
    )
    for role in roles.select_related("person").order_by("part", "pk"):
        one = Candidate(role.public_id, wanted[role.part], role.person, role.name)
        if all((one.part, one.person, one.name) != (o.part, o.person, o.name) for o in found):
            found.append(one)
    return found


def visibilities(meeting: Meeting) -> list[str]:
    """Never more than could come (L3): those who spoke knew who was in the room."""
    widest = WIDEST[Audience(meeting.audience)]
    return [one for one in AUDIENCES if covers(widest, one)]


def first_words(meeting: Meeting, kind: str) -> dict[str, Any]:
    """What the form begins with; all of it can be changed."""
    topic = meeting.topic.title if meeting.topic else ""
    with translation.override(meeting.language):
        label = {
            Kind.MEETING_NOTES: _("Notes"), Kind.SLIDES: _("Slides"), Kind.RECORDING: _("Recording")
        }[Kind(kind)]  # fmt: skip
        day = date_format(meeting.local_date, "j F Y")
    room = MOST_TITLE - len(f"{label}: , {day}")
    body = notes_text(meeting) if kind == Kind.MEETING_NOTES else ""
    return {
        "what": "body" if kind == Kind.MEETING_NOTES else "url",
        "kind": kind,
        "title": f"{label}: {meeting.title[:room].strip()}, {day}",
        "summary": meeting.description[:MOST_SUMMARY].strip(),
        "body": body,
        "topics": topic.replace(",", " ").lower()[:MOST_TOPIC].strip(),
        "language": meeting.language,
        # Open to everybody only if somebody chooses so.
        "visibility": min(
            WIDEST[Audience(meeting.audience)], Visibility.MEMBERS_AND_ALLIES, key=AUDIENCES.index
        ),
        "rights": Resource.Rights.OWN,
    }


def notes_text(meeting: Meeting) -> str:
    """What the issue holder agreed to; nothing of what is still being written (or was refused)."""
    agreed = [MeetingNotes.State.APPROVED, MeetingNotes.State.PUBLISHED]
    notes = MeetingNotes.objects.filter(meeting=meeting, state__in=agreed).first()
    if notes is None:
        return ""
    with translation.override(meeting.language):
        parts = [
            (_("Questions raised"), notes.questions), (_("Ideas"), notes.ideas),
            (_("Resources named"), notes.resources), (_("What may be shared"), notes.may_share),
        ]  # fmt: skip
        return "\n\n".join(f"## {title}\n\n{text.strip()}" for title, text in parts if text.strip())
