"""What stands in a calendar entry: plainly, or so that a colleague who looks on learns nothing.

Calendars at work are read by others. Who chose discreet titles gets entries that name neither
the meeting nor the community, and a link that leads there only after signing in.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from cop.core.links import absolute
from cop.core.mail import one_line
from cop.core.text import localized
from cop.core.time import same_clock, say_hours, say_span
from meetings.models import Meeting
from members.access import Visitor


@dataclass(frozen=True)
class Entry:
    """The words of one entry, in the language that is active."""

    title: str
    place: str
    description: str
    url: str
    organizer: str


def wants_discreet(person: Visitor) -> bool:
    # No row, no choice: a related row that is missing is an AttributeError as well.
    choices = getattr(person, "meeting_choices", None)
    return choices is not None and choices.has_discreet_titles


def entry_of(meeting: Meeting, zone: str, *, discreet: bool) -> Entry:
    return _discreet(meeting, zone) if discreet else _plain(meeting, zone)


def _plain(meeting: Meeting, zone: str) -> Entry:
    place = one_line(meeting.place) if meeting.is_in_person else ""
    url = absolute(meeting.get_absolute_url())
    return Entry(
        title=one_line(meeting.title),
        place=place or _("Online"),
        description=_description(meeting, zone, url),
        url=url,
        organizer=one_line(localized(meeting.community, "name")),
    )


def _discreet(meeting: Meeting, zone: str) -> Entry:
    url = absolute(reverse("my_meeting", args=[meeting.public_id]))
    return Entry(
        title=_("CoP meeting"),
        place=_("In person") if meeting.is_in_person else _("Online"),
        description=_description(meeting, zone, url),
        url=url,
        organizer=_("CoP meetings"),
    )


def _description(meeting: Meeting, zone: str, url: str) -> str:
    """Never the join link (MT8)."""
    home = meeting.community.timezone
    lines = [say_span(meeting.starts_at, meeting.ends_at, zone)]
    if not same_clock(meeting.starts_at, zone, home):
        lines.append(say_hours(meeting.starts_at, meeting.ends_at, home))
    if meeting.is_online:
        lines.append(_("The join link is in your reminder mail and on the page of the meeting."))
    lines.append(url)
    return "\n".join(lines)
