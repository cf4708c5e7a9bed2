"""Calendar files by RFC 5545/5546. Never a join link, never another person's name (MT8, ICS-5)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText, vUri

from cop.core.mail import one_line
from cop.core.text import localized
from meetings.discreet import entry_of, wants_discreet
from meetings.models import Meeting, Rsvp
from members.models import Community, User
from outbox.addresses import reply_address

REFRESH = timedelta(hours=1)
PARTSTAT = {
    Rsvp.State.GOING: "ACCEPTED",
    Rsvp.State.WAITLISTED: "TENTATIVE",
    Rsvp.State.NEEDS_CONFIRMATION: "NEEDS-ACTION",
    Rsvp.State.NOT_GOING: "DECLINED",
    Rsvp.State.SEND_MATERIALS: "DECLINED",
}


def meeting_file(meeting: Meeting, zone: str, *, discreet: bool = False) -> str:
    """One meeting to keep, for anybody who may see it."""
    calendar = _calendar("PUBLISH")
    calendar.add_component(_event(meeting, zone, discreet=discreet))
    return _text(calendar)


def invitation(meeting: Meeting, person: User, state: str | None = None) -> str:
    """REQUEST: the calendar of one person takes the meeting in, or takes a change over.

    `state`: what the person answered so far; None: nothing.
    """
    partstat = PARTSTAT[Rsvp.State(state)] if state else "NEEDS-ACTION"
    return _addressed("REQUEST", meeting, person, partstat)


def cancellation(meeting: Meeting, person: User) -> str:
    return _addressed("CANCEL", meeting, person, "DECLINED")


def feed(person: User, meetings: Iterable[Meeting]) -> str:
    """The personal calendar. The same meetings give the same bytes, so that its ETag holds.

    Each meeting carries `my_state` (Meeting.objects.with_my_answer).
    """
    calendar = _subscribed(_("My meetings · %(site)s") % {"site": settings.SITE_NAME})
    discreet = wants_discreet(person)
    for meeting in meetings:
        is_sure = meeting.my_state == Rsvp.State.GOING
        event = _event(meeting, person.timezone, is_sure=is_sure, discreet=discreet)
        calendar.add_component(event)
    return _text(calendar)


def public_feed(community: Community, meetings: Iterable[Meeting]) -> str:
    """What anybody may come to, for the calendar of anybody."""
    name = one_line(localized(community, "name"))
    calendar = _subscribed(_("Open meetings · %(community)s") % {"community": name})
    for meeting in meetings:
        calendar.add_component(_event(meeting, community.timezone, is_private=False))
    return _text(calendar)


def uid(meeting: Meeting) -> str:
    return f"{meeting.public_id}@{settings.MAIL_DOMAIN}"


def reply_tag(meeting: Meeting, person: User) -> str:
    """What the reply address of one person and one meeting says: no name, only our own numbers."""
    return f"{meeting.public_id}-{person.public_id}"


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.MAIL_DOMAIN}//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _subscribed(name: str) -> Calendar:
    calendar = _calendar("PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return calendar


def _addressed(method: str, meeting: Meeting, person: User, partstat: str) -> str:
    attendee = vCalAddress(f"mailto:{person.email}")
    attendee.params["CN"] = vText(one_line(person.display_name))
    attendee.params["PARTSTAT"] = vText(partstat)
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["RSVP"] = vText("TRUE" if method == "REQUEST" else "FALSE")
    # Answers of the calendar come to an address that says whose they are (ICS-8).
    answers_to = reply_address(reply_tag(meeting, person))
    discreet = wants_discreet(person)
    event = _event(meeting, person.timezone, discreet=discreet, answers_to=answers_to)
    event.add("attendee", attendee, encode=0)
    calendar = _calendar(method)
    calendar.add_component(event)
    return _text(calendar)


def _event(
    meeting: Meeting,
    zone: str,
    *,
    is_sure: bool = True,
    is_private: bool = True,
    discreet: bool = False,
    answers_to: str = "",
) -> Event:
    entry = entry_of(meeting, zone, discreet=discreet)
    event = Event()
    event.add("uid", uid(meeting))
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", _utc(meeting.updated_at))
    event.add("last-modified", _utc(meeting.updated_at))
    # UTC instants: the zone rules of an old phone cannot move them (TZ5).
    event.add("dtstart", _utc(meeting.starts_at))
    event.add("dtend", _utc(meeting.ends_at))
    event.add("summary", entry.title)
    event.add("description", entry.description)
    event.add("location", entry.place)
    event.add("url", vUri(entry.url))
    event.add("organizer", _organizer(meeting, entry.organizer, answers_to, discreet), encode=0)
    event.add("class", "PRIVATE" if is_private else "PUBLIC")
    cancelled = meeting.state == Meeting.State.CANCELLED
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED" if is_sure else "TENTATIVE")
    event.add("transp", "TRANSPARENT" if cancelled or not is_sure else "OPAQUE")
    return event


def _organizer(meeting: Meeting, name: str, answers_to: str, discreet: bool) -> vCalAddress:
    # The address of a community names it.
    own = "" if discreet else meeting.community.contact_email
    address = answers_to or own or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = vText(name)
    return organizer


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _text(calendar: Calendar) -> str:
    return calendar.to_ical().decode("utf-8")
