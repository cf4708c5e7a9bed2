from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from meetings import ics
from meetings.calendar_links import google_url, outlook_url
from meetings.models import Meeting
from tests.factories import make_meeting
from tests.meetings.conftest import START

# RFC 5545: 75 octets a line, without the line break.
LONGEST_LINE = 75


def event_of(text):
    return Calendar.from_ical(text).walk("VEVENT")[0]


def test_meeting_file_says_when_and_where_in_utc(meeting):
    text = ics.meeting_file(meeting, "America/Toronto")
    event = event_of(text)

    assert "DTSTART:20261210T170000Z\r\n" in text
    assert "DTEND:20261210T183000Z\r\n" in text
    assert event["UID"] == f"{meeting.public_id}@cop.example"
    assert (event["SUMMARY"], event["STATUS"], event["SEQUENCE"]) == (
        "A good night's work", "CONFIRMED", 0,
    )  # fmt: skip
    assert Calendar.from_ical(text)["METHOD"] == "PUBLISH"
    assert "12:00 to 1:30 p.m. Eastern time" in event["DESCRIPTION"]
    assert "10:00 to 11:30 a.m. Pacific time" in event["DESCRIPTION"]
    assert "ATTENDEE" not in event
    assert event["ORGANIZER"] == "mailto:hello@every-door.example"


def test_no_calendar_file_has_the_join_link(meeting, dani):
    Meeting.objects.filter(pk=meeting.pk).update(dial_in="555-0100 code 42")
    meeting.refresh_from_db()
    meeting.my_state = "going"
    texts = [
        ics.meeting_file(meeting, "America/Vancouver"),
        ics.invitation(meeting, dani, "going"),
        ics.cancellation(meeting, dani),
        ics.feed(dani, [meeting]),
        google_url(meeting),
        outlook_url(meeting),
    ]

    for text in texts:
        unfolded = text.replace("\r\n ", "")
        assert "secret-room" not in unfolded
        assert "555-0100" not in unfolded


@pytest.mark.parametrize(
    ("state", "partstat"),
    [("going", "ACCEPTED"), ("needs_confirmation", "NEEDS-ACTION"), ("waitlisted", "TENTATIVE")],
)
def test_invitation_names_the_recipient_alone(meeting, dani, state, partstat):
    text = ics.invitation(meeting, dani, state)
    calendar, event = Calendar.from_ical(text), event_of(text)

    assert calendar["METHOD"] == "REQUEST"
    assert not isinstance(event["ATTENDEE"], list)
    assert event["ATTENDEE"] == f"mailto:{dani.email}"
    assert event["ATTENDEE"].params["PARTSTAT"] == partstat
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"


def test_cancellation_keeps_the_uid(meeting, dani):
    before = event_of(ics.invitation(meeting, dani, "going"))
    meeting.state, meeting.sequence = Meeting.State.CANCELLED, 1
    text = ics.cancellation(meeting, dani)
    event = event_of(text)

    assert Calendar.from_ical(text)["METHOD"] == "CANCEL"
    assert (event["UID"], event["STATUS"], event["SEQUENCE"]) == (before["UID"], "CANCELLED", 1)


def test_lines_are_folded_without_breaking_letters_or_letting_words_in(community, dani):
    title = "Où dormir, à l’aise; “ʔəm̓i” " + "ƛ̓a " * 40 + "\r\nATTENDEE:mailto:evil@x.example"
    meeting = make_meeting(
        community, title=title[:160], mode="in_person", place='Hall "B"; 1, Main'
    )
    dani.display_name = 'Dani "D"; X\r\nSTATUS:CANCELLED'
    text = ics.invitation(meeting, dani, "going")
    event = event_of(text)

    assert all(len(line.encode()) <= LONGEST_LINE for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    assert event["ATTENDEE"] == f"mailto:{dani.email}"
    assert event["STATUS"] == "CONFIRMED"
    assert event["LOCATION"] == 'Hall "B"; 1, Main'
    assert event["SUMMARY"].startswith("Où dormir, à l’aise; “ʔəm̓i” ƛ̓a")


def test_the_bytes_change_only_with_the_meeting(meeting):
    first = ics.meeting_file(meeting, "America/Vancouver")

    assert ics.meeting_file(Meeting.objects.get(), "America/Vancouver") == first
    meeting.updated_at = datetime(2026, 12, 1, tzinfo=UTC)
    assert ics.meeting_file(meeting, "America/Vancouver") != first


def test_a_feed_tells_calendars_when_to_come_back(meeting, dani):
    meeting.my_state = "waitlisted"
    text = ics.feed(dani, [meeting])

    assert "METHOD:PUBLISH\r\n" in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert "X-WR-CALNAME:" in text
    assert event_of(text)["STATUS"] == "TENTATIVE"
    assert "Dani" not in text
    assert "ATTENDEE" not in text


def test_links_to_the_big_calendars_name_the_same_hour(meeting):
    assert "20261210T170000Z%2F20261210T183000Z" in google_url(meeting)
    assert "startdt=2026-12-10T17%3A00%3A00Z" in outlook_url(meeting)
    assert meeting.ends_at == START + timedelta(minutes=90)
