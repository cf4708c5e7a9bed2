"""Tags about meetings, for the pages of every app: {% load meetings %}."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from cop.core.time import say_clock, say_date
from meetings import lines
from meetings.answers import say_waiting
from meetings.models import Audience, Meeting, Rsvp
from meetings.queries import next_hidden_meeting, next_meeting, turnout
from members.models import Community, User

register = template.Library()


@register.inclusion_tag("components/badge.html")
def answer_badge(state: str | None) -> dict[str, str]:
    """One's own answer as a badge: icon and word."""
    kind, icon = lines.BADGES[Rsvp.State(state)]
    return {"kind": kind, "icon": icon, "label": str(Rsvp.State(state).label)}


@register.inclusion_tag("components/date_block.html")
def meeting_date_block(meeting: Meeting, zone: str) -> dict[str, str]:
    local = meeting.starts_at.astimezone(ZoneInfo(zone))
    month, day, weekday = (formats.date_format(local, part) for part in ("M", "j", "D"))
    return {"month": month, "day": day, "weekday": weekday}


@register.simple_tag
def hours_elsewhere(meeting: Meeting, zone: str) -> str:
    """The same hours on the community's clock, where it shows others than the reader's (MT3)."""
    home = meeting.community.timezone
    return lines.say_elsewhere(meeting.starts_at, meeting.ends_at, zone, home)


@register.filter
def clock(instant: datetime, zone: str) -> str:
    return say_clock(instant.astimezone(ZoneInfo(zone)))


@register.simple_tag
def waiting_words(rsvp: Rsvp) -> str:
    return say_waiting(rsvp)


@register.inclusion_tag("meetings/_next_meeting.html", takes_context=True)
def next_meeting_card(context: dict[str, Any], community: Community) -> dict[str, Any]:
    """The next meeting this visitor may see, and a line about one they may not (no title)."""
    request, now = context["request"], timezone.now()
    meeting = next_meeting(community, request.user, now)
    hidden = next_hidden_meeting(community, request.user, now, before=meeting)
    zone = getattr(request, "zone", None) or community.timezone
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "community": community,
        "meeting": meeting,
        "hidden_line": _hidden_line(hidden, zone, now) if hidden else "",
        "zone": zone,
        "takes_answers": bool(meeting and meeting.takes_answers(now)),
        "turnout": turnout(meeting, request.user) if meeting else None,
    }


@register.simple_tag
def first_meeting_for(community: Community, person: User) -> Meeting | None:
    """For a mail to somebody: the next meeting this person may come to."""
    return next_meeting(community, person, timezone.now())


@register.simple_tag(takes_context=True)
def hidden_meeting_line(context: dict[str, Any], community: Community, zone: str) -> str:
    """When people this reader does not belong to meet next: the day and for whom, no title."""
    now = timezone.now()
    hidden = next_hidden_meeting(community, context["request"].user, now)
    return _hidden_line(hidden, zone, now) if hidden else ""


def _hidden_line(meeting: Meeting, zone: str, now: datetime) -> str:
    day = say_date(meeting.starts_at, zone, now=now)
    if meeting.audience == Audience.MEMBERS_ONLY:
        return _("The next meeting is on %(day)s, for members.") % {"day": day}
    return _("The next meeting is on %(day)s, for members and allies.") % {"day": day}
