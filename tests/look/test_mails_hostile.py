"""What people type stands in the mails of others: it must stay words (fault F24)."""

import re
from email import message_from_bytes
from email.policy import default

import pytest
from icalendar import Calendar

from cop.core.mail import one_line
from outbox.rendering import Content, Letter
from tests.look.mails import EVERY, Page, build

NAMES = sorted({name for name, _language in EVERY})
INJECTED = "Dani\r\nBcc: victim@people.example\r\n\r\n--\r\nYour account ends. Pay at evil.example"
HOSTILE = {
    "line breaks": INJECTED,
    "right to left": "\u202egnp.exe \u2066Dani\u202b",
    "emoji": "Dani 👩🏽\u200d🚒🇨🇦 x̱ʷməθkʷəy̓əm",
    "tags": "<script>alert(1)</script><img src=x onerror=alert(1)></td></table>",
    "very long": "m" * 10_000,
    "template": "{{ settings.SECRET_KEY }}{% debug %}",
    "control signs": "Da\x00ni\x07\x1b[31m\u2028new line",
}
# Where staff write whole paragraphs, line breaks are theirs to make.
LETTERS = {
    "information_requested", "declined", "welcome", "newsletter", "newsletter_test",
    "newsletter_may_we",
    "introduction", "introduction_reply", "community_invitation", "membership_removed",
    "membership_suspended",
    "appeal_decided", "appeal_dismissed", "appeal_returned", "inquiry_proposed", "issuer_inquiry",
    "materials",
}  # fmt: skip


def headers_of(email):
    content = Content(email.subject[:255], email.text, email.html)
    letter = Letter(content, {"From": "site@cop.example"})
    return message_from_bytes(letter.fill({}) if len(letter.parts) == 1 else b"".join(
        part for part in letter.parts if b"%%" not in part), policy=default)  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_hostile_words_stay_words(name, words):
    email = build(name, words=words)
    page = Page(email.html)

    assert not re.search(r"[\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]", email.subject)
    for part in (email.text, email.html):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u2028-\u202e\u2066-\u2069]", part)
    assert not page.all("script")
    assert all(set(image) <= {"class", "src", "width", "height", "alt", "style"}
               for image in page.all("img"))  # fmt: skip
    assert [tag for tag, _a in page.tags if tag == "table"] == [
        tag for tag, _a in Page(build(name).html).tags if tag == "table"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_line_breaks_open_no_header_and_no_paragraph(name):
    email = build(name, words=INJECTED)
    message = headers_of(email)

    assert message["Bcc"] is None
    assert " ".join(message["Subject"].split()) == " ".join(email.subject[:255].split())
    assert set(message.keys()) == {"From", "Subject", "MIME-Version", "Content-Type"}
    if name not in LETTERS:
        assert not re.search(r"^(?:Bcc:|Your account ends)", email.text, re.M)


CALENDAR = {
    "line breaks": "Night\r\nATTENDEE:mailto:evil@people.example\r\nEND:VEVENT\r\nBEGIN:VEVENT",
    "signs of the format": 'Work; rest, "play" \\n: all^n of it',
    "emoji": HOSTILE["emoji"] * 5,
    "control signs": HOSTILE["control signs"],
    "right to left": HOSTILE["right to left"],
    "very long": HOSTILE["very long"],
}


@pytest.mark.parametrize("words", CALENDAR.values(), ids=CALENDAR)
@pytest.mark.parametrize("name", ["rsvp_confirmed", "changed_time", "cancelled"])
def test_calendar_entry_holds_against_hostile_words(name, words):
    text = build(name, words=words).calendar
    events = Calendar.from_ical(text).walk("VEVENT")
    lines = text.split("\r\n")

    assert len(events) == 1
    assert [line for line in lines if line.startswith("ATTENDEE")] != []
    assert isinstance(events[0]["ATTENDEE"], str), "more than one attendee"
    assert str(events[0]["ATTENDEE"]) == "mailto:dani@house.example"
    assert all(len(line.encode()) <= 75 for line in lines)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028-\u202e\u2066-\u2069]", text)
    assert "\n" not in text.replace("\r\n", "")
    assert str(events[0]["SUMMARY"]) == one_line(words)
