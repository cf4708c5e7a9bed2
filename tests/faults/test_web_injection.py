"""F24: what people type ends no header, no line of a calendar and no line of a log.

Twice: through the forms of the site, and written into the rows directly, as an import might.
Mails of every kind with such words: tests/cop/test_proofs.py and tests/look/.
"""

import json
import logging
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
import structlog
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from meetings.actions import answer_rsvp
from meetings.models import CalendarFeed, Meeting
from members.models import Community, Organization, User
from outbox import rendering
from outbox.actions import send_due
from outbox.models import MailingList
from tests.clock import next_noon
from tests.factories import make_meeting, make_member, make_organization
from tests.smtp import Box

pytestmark = pytest.mark.django_db
INJECTED = "X-Injected"
HOSTILE = {
    "header": f"Ada\r\n{INJECTED}: yes\r\nBcc: thief@evil.example\r\n\r\n<p>Body",
    "line feed": f"Ada\n{INJECTED}: yes",
    "carriage return": f"Ada\r{INJECTED}: yes",
    "other line ends": f"Ada\u2028{INJECTED}: yes\u2029{INJECTED}: \u0085{INJECTED}: \x0b\x0c",
    "calendar": "Ada\r\nATTENDEE:mailto:thief@evil.example\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2",
    "calendar signs": 'Ada; VALUE="x":,\\n\\;\\, DTSTART',
    "right to left": "\u202eadA\u202c \u200fקפה\u200e",
    "emoji": "👩🏽‍⚕️ Ada 🏳️‍🌈" * 3,
    "folded by bytes": "é" * 300,
    "ten thousand": "Ada " * 2500,
    "encoded word": "=?utf-8?q?Ada=0D=0ABcc=3A_thief=40evil=2Eexample?=",
    "address": '"Ada" <thief@evil.example>, other@evil.example',
    "log": 'Ada\n{"event": "forged", "level": "error"}',
    "template": "{{ settings.SECRET_KEY }}{% debug %} %%UNSUBSCRIBE_URL%% %(name)s",
}
CONTROLS = {chr(number) for number in [*range(32), 127, 0x85, 0x2028, 0x2029]}


@pytest.fixture(params=sorted(HOSTILE))
def words(request: pytest.FixtureRequest) -> str:
    return HOSTILE[request.param]


def write_everywhere(words: str, meeting: Meeting, person: User) -> None:
    """Past all forms, as long as the columns allow."""
    one, community = Meeting.objects.filter(pk=meeting.pk), meeting.community
    one.update(title=words[:120], place=words[:200], content_note=words[:200], mode="hybrid")
    User.objects.filter(pk=person.pk).update(display_name=words[:120])
    rows = Community.objects.filter(pk=community.pk)
    rows.update(name=words[:120], short_name=words[:40])
    MailingList.objects.filter(scope=community.public_id).update(sender_name=words[:120])
    make_organization(words[:160])


def check_calendar(text: str, *, events: int = 1) -> None:
    """As many events as we meant, each with the properties we write, and no line too long."""
    for line in text.encode().split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
    assert text.split("\r\n").count("BEGIN:VEVENT") == events
    found = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert len(found) == events
    for event in found:
        names = {name.upper() for name in event}
        assert INJECTED.upper() not in names
        attendees = event.get("ATTENDEE", [])
        attendees = attendees if isinstance(attendees, list) else [attendees]
        assert "thief" not in " ".join(str(one) for one in attendees)


def check_mail(message: EmailMessage, usual: list[str], to: str) -> None:
    assert sorted(name.lower() for name in message) == usual
    assert message["To"] == to
    assert message["Bcc"] is None
    assert not CONTROLS & set(message["Subject"])
    assert not CONTROLS & set(str(message["From"]))
    assert len(message["From"].addresses) == 1
    assert message["From"].addresses[0].addr_spec == "test@cop.example"
    assert [part.get_content_type() for part in message.walk()].count("text/plain") == 1


def confirmation(meeting: Meeting, person: User, mailbox: Box) -> EmailMessage:
    now = next_noon()
    meeting.refresh_from_db()
    person.refresh_from_db()
    answer_rsvp(meeting=meeting, person=person, answer="going", now=now)
    while send_due(clock=lambda: now):
        pass
    return mailbox.last


def test_words_in_rows_end_no_header_and_no_line(
    words: str, community: Community, mailbox: Box
) -> None:
    plain, hurt = make_meeting(community), make_meeting(community)
    calm = confirmation(plain, make_member(community, "Calm"), mailbox)
    usual = sorted(name.lower() for name in calm)
    person = make_member(community, "Ada")
    write_everywhere(words, hurt, person)

    message = confirmation(hurt, person, mailbox)

    check_mail(message, usual, person.email)
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            check_calendar(part.get_payload(decode=True).decode())
    if "SECRET_KEY" in words:
        assert "only-for-tests" not in message.as_string()
        # Marks of ours inside somebody's words would put a personal link there.
        assert "unsubscribe/" not in message.get_body(("plain",)).get_content()


def test_words_in_rows_end_no_line_of_a_calendar_file(words: str, community: Community) -> None:
    meeting, person = make_meeting(community), make_member(community, "Ada")
    answer_rsvp(meeting=meeting, person=person, answer="going", now=next_noon())
    write_everywhere(words, meeting, person)
    feed = CalendarFeed.objects.create(person=person)

    own = Client().get(reverse("calendar_file", args=[feed.secret]))
    assert own.status_code == 200
    check_calendar(own.content.decode())
    client = Client()
    client.force_login(person)
    file = client.get(reverse("meetings:meeting_ics", args=[community.slug, meeting.public_id]))
    assert file.status_code == 200
    assert INJECTED not in file.headers
    check_calendar(file.content.decode())
    for page in ("meetings:meeting_list", "members:community_detail"):
        assert client.get(reverse(page, args=[community.slug])).status_code == 200


def test_forms_take_one_line_or_say_no(words: str, dani: User, sign_in: Any) -> None:
    client = sign_in(dani)
    data = {"display_name": words, "language": "en", "timezone": "America/Vancouver"}
    response = client.post("/me/profile/", data)

    assert response.status_code in {200, 302}
    dani.refresh_from_db()
    assert not CONTROLS & set(dani.display_name)
    assert len(dani.display_name) <= 120
    assert "\u202e" not in dani.display_name


def test_sign_up_takes_one_line_or_says_no(words: str) -> None:
    cache.clear()  # the limits of sign-ups an hour
    address = "new@people.example"
    response = Client().post("/account/signup/", {"email": address, "display_name": words})

    assert response.status_code in {200, 302}
    for person in User.objects.filter(email=address):
        assert not CONTROLS & set(person.display_name)
        assert len(person.display_name) <= 120


@pytest.mark.parametrize("path", ["/account/signup/", "/me/profile/"])
def test_forms_refuse_nul(path: str, dani: User, sign_in: Any) -> None:
    """PostgreSQL cannot keep it: a form says so, and no page breaks."""
    data = {"display_name": "A\x00da", "email": "a\x00@people.example"}
    data |= {"language": "en", "timezone": "America/Vancouver"}
    client = sign_in(dani) if path == "/me/profile/" else Client()
    assert client.post(path, data).status_code in {200, 302}
    assert not Organization.objects.filter(name__contains="Ada\n").exists()


@pytest.mark.parametrize("as_json", [True, False])
def test_words_end_no_line_of_the_log(words: str, as_json: bool) -> None:
    line = rendered(words, as_json=as_json)

    assert "\n" not in line
    assert "\r" not in line
    assert "thief@evil.example" not in line
    if as_json:
        assert json.loads(line)["event"] == "thing_happened"


def rendered(words: str, *, as_json: bool) -> str:
    """What our formatter makes of a record."""
    formatter = next(
        handler.formatter
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    )
    own = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=formatter.foreign_pre_chain,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.processors.LogfmtRenderer(),
        ],
    )
    record = logging.LogRecord("x", logging.WARNING, "", 0, "thing_happened", (), None)
    record.title = words
    return own.format(record)


@pytest.mark.parametrize("kind", ["header", "calendar", "log"])
def test_a_naive_text_is_caught_by_these_checks(kind: str) -> None:
    """The control: what is put together by hand fails each of them."""
    words = HOSTILE[kind]
    if kind == "header":
        message = message_of(f"To: a@b.example\r\nSubject: {words}\r\n\r\n".encode())
        with pytest.raises(AssertionError):
            check_mail(message, ["subject", "to"], "a@b.example")
    elif kind == "calendar":
        naive = (
            f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:{words}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        with pytest.raises(AssertionError):
            check_calendar(naive)
    else:
        assert "\n" in f"event=thing_happened title={words}"


def message_of(raw: bytes) -> EmailMessage:
    from email import message_from_bytes
    from email.policy import default

    return message_from_bytes(raw, policy=default)


def test_mail_stays_at_home_where_the_subject_is_not_tidied(
    community: Community, mailbox: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without `one_line` the second guard, Python's own, refuses to build it."""
    monkeypatch.setattr(rendering, "one_line", lambda text: text)
    meeting, person = make_meeting(community), make_member(community, "Ada")
    write_everywhere(HOSTILE["header"], meeting, person)
    now = next_noon()
    meeting.refresh_from_db()
    answer_rsvp(meeting=meeting, person=person, answer="going", now=now)
    assert send_due(clock=lambda: now) == 0
    assert mailbox.messages == []
