"""News for those with a part in a meeting who never answered its invitation: they count on it."""

from datetime import datetime
from enum import StrEnum

from django.utils import translation

from cop.core.links import absolute
from cop.core.mail import render_email
from meetings.emails.letters import Letter
from meetings.emails.roles import HAS_PART, LOOKS_AFTER
from meetings.links import role_url
from meetings.models import Meeting, MeetingRole
from members.mailing import footer
from members.models import User


class News(StrEnum):
    """What happened to the meeting, or to the part in it."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    RESTORED = "restored"
    REPLACED = "replaced"


def part_news(meeting: Meeting, person: User, news: News, role: MeetingRole | None) -> Letter:
    """`role`: None for the facilitator, who stands on the meeting itself."""
    why = LOOKS_AFTER if role is None else HAS_PART
    with translation.override(person.language):
        context = {
            "community": meeting.community,
            "meeting": meeting,
            "person": person,
            "zone": person.timezone,
            "news": news,
            "page_url": absolute(meeting.get_absolute_url()) if role is None else role_url(role),
            **footer(meeting.community, language=person.language, why=why, can_stop=False),
        }
        email = render_email("meetings/email/part_news", context, language=person.language)
    return Letter(meeting, person, "part_news", email)


def tell_replaced(role: MeetingRole, *, now: datetime) -> None:
    """To whom the backup relieves, where they had been asked."""
    asked = {MeetingRole.State.INVITED, MeetingRole.State.ACCEPTED}
    if role.state not in asked or role.person is None or not role.person.is_active:
        return
    letter = part_news(role.meeting, role.person, News.REPLACED, role)
    key = f"role:{role.meeting.public_id}:{role.public_id}:replaced:{now.timestamp():.0f}"
    letter.queue(key, due_at=now, expires_at=role.meeting.starts_at)
