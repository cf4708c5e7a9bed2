"""The letters that ask who comes: the invitation, and once more a week before.

Neither brings a calendar entry. Google and Outlook put a request into the calendar by themselves,
before anybody said yes: at work others read it there, and a change is mailed only to those who
answered, so that an entry nobody asked for would go stale. The answer brings the entry (RS5).
"""

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import render_email
from meetings.access import is_watched
from meetings.emails.letters import Letter
from meetings.links import rsvp_url
from meetings.models import Meeting
from members.mailing import footer
from members.models import User
from outbox.models import Purpose

MEMBER = _("You get this because you chose to hear of the meetings of this community.")
NUDGED = _(
    "You get this because you chose to hear of the meetings of this community, and came to one "
    "lately."
)


def invitation(meeting: Meeting, person: User) -> Letter:
    return _asking("invitation", meeting, person, MEMBER)


def nudge(meeting: Meeting, person: User) -> Letter:
    return _asking("nudge", meeting, person, NUDGED)


def _asking(name: str, meeting: Meeting, person: User, why: str | Promise) -> Letter:
    with translation.override(person.language):
        context = {
            "community": meeting.community,
            "meeting": meeting,
            "topic": meeting.topic,
            "person": person,
            "zone": person.timezone,
            "is_watched": is_watched(meeting),
            "rsvp_url": rsvp_url(meeting, person),
            "meeting_url": absolute(meeting.get_absolute_url()),
            **footer(meeting.community, language=person.language, why=why, can_stop=True),
        }
        email = render_email(f"meetings/email/{name}", context, language=person.language)
    return Letter(meeting, person, name, email, Purpose.NEWSLETTER)
