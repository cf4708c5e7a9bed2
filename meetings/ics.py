"""Calendar files by RFC 5545/5546. Never a join link, never another person's name (MT8, ICS-5)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText, vUri

from cop.core.links import absolute
from cop.core.mail import one_line
from cop.core.text import localized
from cop.core.time import same_clock, say_hours, say_span
from meetings.models import Meeting, Rsvp
from members.models import User

REFRESH = timedelta(hours=1)
PARTSTAT = {
    Rsvp.State.GOING: "ACCEPTED",
    Rsvp.State.WAITLISTED: "TENTATIVE",
    Rsvp.State.NEEDS_CONFIRMATION: "NEEDS-ACTION",
    Rsvp.State.NOT_GOING: "DECLINED",
    Rsvp.State.SEND_MATERIALS: "DECLINED",
}


def meeting_file(meeting: Meeting, zone: str) -> str:
    """One meeting to keep, for anybody who may see it."""
    calendar = _calendar("PUBLISH")
    calendar.add_component(_event(meeting, zone))
    return _text(calendar)


def invitation(meeting: Meeting, person: User, state: str) -> str:
    """REQUEST: the calendar of one person takes the meeting in, or takes a change over."""
    return _addressed("REQUEST", meeting, person, PARTSTAT[Rsvp.State(state)])


def cancellation(meeting: Meeting, person: User) -> str:
    return _addressed("CANCEL", meeting, person, "DECLINED")


def feed(person: User, meetings: Iterable[Meeting]) -> str:
    """The personal calendar. The same meetings give the same bytes, so that its ETag holds.

    Each meeting carries `my_state` (Meeting.objects.with_my_answer).
    """
    calendar = _calendar("PUBLISH")
    name = _("My meetings · %(site)s") % {"site": settings.SITE_NAME}
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for meeting in meetings:
        is_sure = meeting.my_state == Rsvp.State.GOING
        calendar.add_component(_event(meeting, person.timezone, is_sure=is_sure))
    return _text(calendar)


def uid(meeting: Meeting) -> str:
    return f"{meeting.public_id}@{settings.MAIL_DOMAIN}"


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.MAIL_DOMAIN}//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _addressed(method: str, meeting: Meeting, person: User, partstat: str) -> str:
    attendee = vCalAddress(f"mailto:{person.email}")
    attendee.params["CN"] = vText(one_line(person.display_name))
    attendee.params["PARTSTAT"] = vText(partstat)
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["RSVP"] = vText("TRUE" if method == "REQUEST" else "FALSE")
    event = _event(meeting, person.timezone)
    event.add("attendee", attendee, encode=0)
    calendar = _calendar(method)
    calendar.add_component(event)
    return _text(calendar)


def _event(meeting: Meeting, zone: str, *, is_sure: bool = True) -> Event:
    event = Event()
    event.add("uid", uid(meeting))
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", _utc(meeting.updated_at))
    event.add("last-modified", _utc(meeting.updated_at))
    # UTC instants: the zone rules of an old phone cannot move them (TZ5).
    event.add("dtstart", _utc(meeting.starts_at))
    event.add("dtend", _utc(meeting.ends_at))
    event.add("summary", one_line(meeting.title))
    event.add("description", _description(meeting, zone))
    place = one_line(meeting.place) if meeting.is_in_person else ""
    event.add("location", place or _("Online"))
    event.add("url", vUri(absolute(meeting.get_absolute_url())))
    event.add("organizer", _organizer(meeting), encode=0)
    event.add("class", "PRIVATE")
    cancelled = meeting.state == Meeting.State.CANCELLED
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED" if is_sure else "TENTATIVE")
    event.add("transp", "TRANSPARENT" if cancelled or not is_sure else "OPAQUE")
    return event


def _description(meeting: Meeting, zone: str) -> str:
    home = meeting.community.timezone
    lines = [say_span(meeting.starts_at, meeting.ends_at, zone)]
    if not same_clock(meeting.starts_at, zone, home):
        lines.append(say_hours(meeting.starts_at, meeting.ends_at, home))
    if meeting.is_online:
        lines.append(_("The join link is in your reminder mail and on the page of the meeting."))
    lines.append(absolute(meeting.get_absolute_url()))
    return "\n".join(lines)


def _organizer(meeting: Meeting) -> vCalAddress:
    address = meeting.community.contact_email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = vText(one_line(localized(meeting.community, "name")))
    return organizer


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _text(calendar: Calendar) -> str:
    return calendar.to_ical().decode("utf-8")
