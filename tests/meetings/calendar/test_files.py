"""ICS-1, ICS-5, ICS-9: a second library reads each file as it was meant, whatever people type."""

import re
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from urllib.parse import parse_qs, urlsplit

import pytest
import vobject
from django.utils import translation

from meetings import emails, ics
from meetings.actions import choose_about_meetings
from meetings.calendar_links import google_url, outlook_url
from meetings.models import Meeting
from outbox.models import Delivery
from outbox.rendering import build_message, letter_for
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import NOW

pytestmark = pytest.mark.django_db
HOSTILE = {
    "line break": "One\r\nATTENDEE:mailto:evil@x.example",
    "bare line feed": "One\nSTATUS:CANCELLED",
    "bare return": "One\rMETHOD:CANCEL",
    "list signs": "a;b,c;;d\\n\\;",
    "quotes": 'Dani "D" O\'Brien',
    "colon": "X:Y;CN=Z",
    "caret": "a^nb^'c^^d",
    "one long word": "w" * 300,
    "long words": ("Rassemblement " * 30).strip(),
    "emoji at the edge": "x" * 60 + "👩‍👩‍👧‍👦" * 8,
    "accents at the edge": "é" * 150,
    "ʔa": "ʔakisq̓nuk ƛ̓a qʼum",
    "right to left": "שלום \u202e gnorw",
    "begin": "BEGIN:VEVENT",
    "separators": "a\u2028b\u2029c\x0bd\x85e",
    "nothing": "-",
}


def read(text):
    assert "\n" not in text.replace("\r\n", "")
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    for line in text.encode().split(b"\r\n"):
        line.decode("utf-8")
    calendar = vobject.readOne(text)
    events = list(calendar.components())
    assert [one.name for one in events] == ["VEVENT"]
    return calendar, events[0]


def one(event, name):
    """The value of a property that must stand there once."""
    (found,) = event.contents[name]
    return found


def plain(words):
    return " ".join(
        "".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in words).split()
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_each_file_is_read_as_it_was_meant(community, dani, settings, name):
    words = HOSTILE[name]
    settings.REPLY_ADDRESS = "meetings@cop.example"
    dani.display_name = words
    meeting = make_meeting(community, mode="hybrid", place=words[:200], title=words[:160])
    meeting.community.name = words[:120]
    meeting.my_state = "going"
    texts = {
        "REQUEST": ics.invitation(meeting, dani, "going"),
        "CANCEL": ics.cancellation(meeting, dani),
        "PUBLISH": ics.meeting_file(meeting, dani.timezone),
        "PUBLISH own": ics.feed(dani, [meeting]),
        "PUBLISH public": ics.public_feed(meeting.community, [meeting]),
    }
    for method, text in texts.items():
        calendar, event = read(text)
        assert calendar.method.value == method.split()[0]
        check_event(event, meeting, words)
        assert ("attendee" in event.contents) is (method in {"REQUEST", "CANCEL"})
        if "attendee" in event.contents:
            check_attendee(event, dani, words, method)


def check_event(event, meeting, words):
    assert one(event, "uid").value == f"{meeting.public_id}@cop.example"
    assert one(event, "sequence").value == str(meeting.sequence)
    assert one(event, "summary").value == plain(words[:160])
    assert one(event, "location").value == (plain(words[:200]) or "Online")
    assert one(event, "dtstart").value == meeting.starts_at
    assert one(event, "dtend").value == meeting.ends_at
    stamp = meeting.updated_at.replace(microsecond=0)
    assert (one(event, "dtstamp").value, one(event, "last-modified").value) == (stamp, stamp)
    assert one(event, "status").value in {"CONFIRMED", "TENTATIVE"}
    assert one(event, "description").value.splitlines()[-1] == one(event, "url").value
    assert one(event, "url").value.endswith(meeting.get_absolute_url())
    assert {"rrule", "rdate", "attach", "valarm"} & set(event.contents) == set()


def check_attendee(event, person, words, method):
    attendee = one(event, "attendee")
    assert attendee.value == f"mailto:{person.email}"
    assert uncareted(attendee.params["CN"][0]) in {plain(words), plain(words).replace("'", '"')}
    assert attendee.params["RSVP"] == ["TRUE" if method == "REQUEST" else "FALSE"]
    assert one(event, "organizer").value.startswith("mailto:meetings+")


def uncareted(said):
    """Quotes inside a parameter by RFC 6868, which this library leaves as they are."""
    signs = {"^n": "\n", "^'": '"', "^^": "^"}
    return re.sub(r"\^[n'^]", lambda found: signs[found[0]], said)


@pytest.mark.parametrize("state", [*Meeting.State.values])
def test_status_follows_the_meeting(community, state):
    meeting = make_meeting(community, state=state, cancel_reason="Snow.")
    _calendar, event = read(ics.meeting_file(meeting, "UTC"))
    cancelled = state == "cancelled"
    assert event.status.value == ("CANCELLED" if cancelled else "CONFIRMED")
    assert event.transp.value == ("TRANSPARENT" if cancelled else "OPAQUE")


def test_who_was_asked_and_has_not_answered_is_asked(meeting, dani):
    _calendar, event = read(ics.invitation(meeting, dani))
    assert event.attendee.params["PARTSTAT"] == ["NEEDS-ACTION"]


# --- The mail around it -------------------------------------------------------------------------


def mail_of(delivery):
    letter = letter_for(delivery, None)
    return message_from_bytes(build_message(delivery, letter, None)[1], policy=default)


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_mail_carries_the_entry_twice_and_alike(meeting, dani, say, method):
    """ICS-5: for the buttons inside multipart/alternative, and as a file for everybody else."""
    Meeting.objects.update(title="Café, thé; « %%CHOICES_URL%% » = \\ 👩‍👧")
    meeting.refresh_from_db()
    rsvp = say(dani)
    if method == "CANCEL":
        Delivery.objects.all().delete()
        meeting.state, meeting.cancel_reason = "cancelled", "Snow."
        letter = emails.cancelled(rsvp, meeting)
        letter.queue("x", due_at=NOW, expires_at=meeting.ends_at)
    message = mail_of(Delivery.objects.get())

    assert message.get_content_type() == "multipart/mixed"
    body, file = message.iter_parts()
    assert body.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in body.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    entry = list(body.iter_parts())[-1]
    assert (entry.get_param("method"), entry.get_content_charset()) == (method, "utf-8")
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert file.get_content_disposition() == "attachment"
    assert entry.get_payload(decode=True) == file.get_payload(decode=True)
    calendar, event = read(file.get_payload(decode=True).decode())
    assert calendar.method.value == method
    assert event.summary.value == "Café, thé; « %%CHOICES_URL%% » = \\ 👩‍👧"
    assert message["To"] == dani.email
    assert message.defects == []


# --- Discreet entries ---------------------------------------------------------------------------


@pytest.fixture
def secretive(dani):
    choose_about_meetings(person=dani, has_discreet_titles=True, wants_link_mail=True)
    dani.refresh_from_db()
    return dani


def telling(meeting):
    """What would say it all to a colleague who looks on."""
    return [meeting.title, meeting.place, "Every Door", "every-door", "secret-room"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_discreet_entry_tells_a_colleague_nothing(community, secretive, settings, language, say):
    settings.REPLY_ADDRESS = "meetings@cop.example"
    meeting = make_meeting(community, mode="hybrid", place="Cedar Recovery House")
    say(secretive, meeting=meeting)
    meeting.my_state = "going"
    with translation.override(language):
        texts = [
            ics.invitation(meeting, secretive, "going"),
            ics.cancellation(meeting, secretive),
            ics.feed(secretive, [meeting]),
            ics.meeting_file(meeting, "UTC", discreet=True),
        ]
    texts.append(Delivery.objects.get().calendar)
    for text in texts:
        _calendar, event = read(text)
        for word in telling(meeting):
            assert word not in text.replace("\r\n ", "")
        assert event.uid.value == ics.uid(meeting)
        assert event.url.value.endswith(f"/me/meetings/{meeting.public_id}/")
    with translation.override("en"):
        assert "SUMMARY:CoP meeting\r\n" in ics.invitation(meeting, secretive, "going")


def test_discreet_without_a_reply_address_names_no_community(community, secretive, settings):
    settings.REPLY_ADDRESS = ""
    _calendar, event = read(ics.invitation(make_meeting(community), secretive, "going"))
    assert event.organizer.value == "mailto:test@cop.example"


def test_discreet_feed_page_file_and_links(sign_in, community, secretive, ally):
    meeting = make_meeting(community, mode="hybrid", place="Cedar Recovery House")
    page = sign_in(secretive).get(meeting.get_absolute_url())
    file = sign_in(secretive).get(f"{meeting.get_absolute_url()}meeting.ics").content.decode()
    for url in (page.context["google_url"], page.context["outlook_url"]):
        query = str(parse_qs(urlsplit(url).query))
        assert "CoP meeting" in query
        for word in telling(meeting):
            assert word not in query
    assert "CoP meeting" in file
    others = sign_in(ally).get(meeting.get_absolute_url())
    assert meeting.title in parse_qs(urlsplit(others.context["google_url"]).query)["text"]
    assert (
        meeting.title
        in sign_in(ally).get(f"{meeting.get_absolute_url()}meeting.ics").content.decode()
    )


def test_discreet_address_leads_those_who_may_come(sign_in, client, community, dani, newcomer):
    meeting = make_meeting(community)
    url = f"/me/meetings/{meeting.public_id}/"
    assert sign_in(dani).get(url).headers["Location"] == meeting.get_absolute_url()
    assert sign_in(newcomer).get(url).status_code == 404
    client.logout()
    assert client.get(url).status_code == 302
    assert "every-door" not in client.get(url).headers["Location"]


# --- Twelve November ----------------------------------------------------------------------------


def test_twelve_november_in_vancouver_and_cranbrook(sign_in, community, say):
    """10:00 in Vancouver is 17:00 UTC after the last clock change, and 11:00 in Cranbrook."""
    meeting = make_meeting(community, local_date=date(2026, 11, 12), local_time=time(10, 0))
    eli = make_member(community, "Eli", timezone="America/Edmonton")
    asked = datetime(2026, 11, 5, 18, 0, tzinfo=UTC)
    say(eli, meeting=meeting, now=asked)
    assert meeting.starts_at == datetime(2026, 11, 12, 17, 0, tzinfo=UTC)

    page = sign_in(eli).get(meeting.get_absolute_url()).content.decode()
    mail = Delivery.objects.get()
    _calendar, event = read(mail.calendar)
    for words in (page, mail.text, event.description.value):
        assert "11:00 a.m. to 12:30 p.m. East Kootenay and Alberta time" in words
        assert "10:00 to 11:30 a.m. Pacific time" in words
    assert "DTSTART:20261112T170000Z\r\n" in mail.calendar
    assert event.dtend.value - event.dtstart.value == timedelta(minutes=90)
    assert "VTIMEZONE" not in mail.calendar
    assert parse_qs(urlsplit(google_url(meeting)).query)["dates"] == [
        "20261112T170000Z/20261112T183000Z"
    ]
    assert parse_qs(urlsplit(outlook_url(meeting)).query)["startdt"] == ["2026-11-12T17:00:00Z"]
