"""What the calendar of a person answers: METHOD:REPLY by RFC 5546, read with suspicion."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar

from meetings.models import Rsvp

# "Perhaps" is no answer to whether a seat is taken.
ANSWERS = {"ACCEPTED": Rsvp.State.GOING, "DECLINED": Rsvp.State.NOT_GOING, "TENTATIVE": ""}


@dataclass(frozen=True)
class CalendarReply:
    uid: str
    sequence: int
    stamp: datetime
    # Who answers, in small letters.
    address: str
    answer: str


def read_calendar_reply(content: bytes) -> CalendarReply | None:
    """None for everything that is not one plain answer of one person. Never raises."""
    try:
        return _read(content)
    except Exception:  # strangers write these, and calendars of many makers
        return None


def _read(content: bytes) -> CalendarReply | None:
    calendar = Calendar.from_ical(content)
    if str(calendar.get("METHOD", "")).strip().upper() != "REPLY":
        return None
    events = calendar.walk("VEVENT")
    attendees = events[0].get("ATTENDEE") if len(events) == 1 else None
    # A list: several at once, which no REPLY has.
    if attendees is None or isinstance(attendees, list):
        return None
    answer = ANSWERS.get(str(attendees.params.get("PARTSTAT", "")).upper())
    if answer is None:
        return None
    return CalendarReply(
        uid=str(events[0]["UID"]).strip(),
        sequence=int(events[0].get("SEQUENCE", 0)),
        stamp=_instant(events[0]["DTSTAMP"].dt),
        address=_address(str(attendees)),
        answer=answer,
    )


def _address(value: str) -> str:
    scheme, _colon, address = value.strip().partition(":")
    return (address if scheme.lower() == "mailto" else value).strip().lower()


def _instant(stamp: Any) -> datetime:  # noqa: ANN401  a date has no hour and raises
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
