"""The preparation call as a calendar entry for one person (RFC 5546). Names nobody else."""

from datetime import UTC, datetime

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from cop.core.mail import one_line
from meetings.models import PrepCall
from members.models import User


def prep_entry(call: PrepCall, person: User, *, is_off: bool = False) -> tuple[str, str]:
    """The text and its method: REQUEST, or CANCEL where it is off for this person."""
    method = "CANCEL" if is_off else "REQUEST"
    event = Event()
    event.add("uid", f"prep-{call.public_id}@{settings.MAIL_DOMAIN}")
    event.add("sequence", call.sequence)
    event.add("dtstamp", _utc(call.updated_at))
    event.add("dtstart", _utc(call.starts_at))
    event.add("dtend", _utc(call.ends_at))
    # What it is about stands in the mail: calendars are read by others.
    event.add("summary", _("Preparation call"))
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("class", "PRIVATE")
    organizer = vCalAddress(f"mailto:{call.meeting.community.contact_email}")
    organizer.params["CN"] = vText(one_line(call.meeting.community.short_name))
    event.add("organizer", organizer, encode=0)
    attendee = vCalAddress(f"mailto:{person.email}")
    attendee.params["CN"] = vText(one_line(person.display_name))
    attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("attendee", attendee, encode=0)
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.MAIL_DOMAIN}//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(event)
    return calendar.to_ical().decode("utf-8"), method


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
