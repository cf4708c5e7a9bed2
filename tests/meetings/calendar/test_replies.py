"""ICS-8: who accepts or declines in a calendar has answered; all else is let fall in silence."""

import smtplib
import time
from datetime import timedelta
from email.policy import SMTP

import pytest
from allauth.account.models import EmailAddress
from django.core import checks
from icalendar import Calendar

from meetings import ics
from meetings.actions import replies
from meetings.actions.replies import read_replies
from meetings.models import Meeting, Rsvp
from meetings.tasks import read_replies_task
from outbox.actions import replies as mailbox
from outbox.actions.returned import read_bounce_mailbox
from outbox.addresses import BadAddress, read_reply_address, reply_address, sendable_address
from outbox.models import Delivery, MailAlarm, MailEvent
from outbox.rendering import build_message, letter_for
from tests.imap import URL, ImapServer, running_server
from tests.meetings.calendar.replying import ZONES, answer_mail, answer_text
from tests.meetings.conftest import NOW, START, states
from tests.returns import dsn
from tests.smtp import smtp_box

pytestmark = pytest.mark.django_db
MADE = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _reply_address(settings):
    settings.REPLY_ADDRESS = "meetings@cop.example"


@pytest.fixture
def take(meeting):
    """Hand one mail over, as the mailbox reader does. True: it is done with."""

    def _take(raw, *, now=NOW + timedelta(hours=2)):
        return mailbox.take_mail(raw, lambda reply: replies.take_reply(reply, now=now))

    return _take


@pytest.fixture
def mail(meeting, dani):
    """`mail(partstat="DECLINED")`: Dani's calendar answers."""

    def _mail(*, to="", shape="alternative", person=dani, uid="", attendee="", **fields):
        address = to or reply_address(ics.reply_tag(meeting, person))
        text = answer_text(uid or ics.uid(meeting), attendee or person.email, **fields)
        return answer_mail(address, text, shape=shape)

    return _mail


def answer(meeting):
    return states(meeting).get("Dani")


# --- The address ------------------------------------------------------------------------------


def test_invitation_asks_for_answers_at_an_address_of_its_own(meeting, dani, ally):
    text = ics.invitation(meeting, dani)
    address = Calendar.from_ical(text).walk("VEVENT")[0]["ORGANIZER"].removeprefix("mailto:")

    assert read_reply_address(address) == f"{meeting.public_id}-{dani.public_id}"
    assert read_reply_address(address.upper()) == f"{meeting.public_id}-{dani.public_id}"
    assert address in ics.cancellation(meeting, dani).replace("\r\n ", "")
    assert address not in ics.invitation(meeting, ally).replace("\r\n ", "")
    assert "Dani" not in address
    assert sendable_address(address) == address


def test_without_the_setting_the_community_is_the_organizer(meeting, dani, settings):
    settings.REPLY_ADDRESS = ""
    text = ics.invitation(meeting, dani)

    assert Calendar.from_ical(text).walk("VEVENT")[0]["ORGANIZER"] == (
        "mailto:hello@every-door.example"
    )
    assert reply_address("x") == ""


def test_address_outlives_a_change_of_the_key(meeting, dani, settings):
    address = reply_address(ics.reply_tag(meeting, dani))
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    assert read_reply_address(address) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert read_reply_address(address) == ics.reply_tag(meeting, dani)


@pytest.mark.parametrize(
    ("address", "url", "found"),
    [
        ("meetings@cop.example", "imaps://u:p@host/INBOX", []),
        ("", "", []),
        ("a-very-long-name-indeed@cop.example", "", ["outbox.E003"]),
        ("", "imaps://u:p@host/INBOX", ["outbox.E004"]),
        ("meetings@cop.example", "imap://u:p@far.example/INBOX", ["outbox.E004"]),
    ],
)
def test_start_up_check(settings, address, url, found):
    settings.REPLY_ADDRESS, settings.REPLY_MAILBOX_URL = address, url
    ids = [error.id for error in checks.run_checks()]
    assert [one for one in ids if one in {"outbox.E003", "outbox.E004"}] == found


def test_longest_name_still_makes_an_address(meeting, dani, settings):
    settings.REPLY_ADDRESS = f"{'m' * 18}@cop.example"
    assert sendable_address(reply_address(ics.reply_tag(meeting, dani)))
    settings.REPLY_ADDRESS = f"{'m' * 20}@cop.example"
    with pytest.raises(BadAddress):
        sendable_address(reply_address(ics.reply_tag(meeting, dani)))


# --- Answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["alternative", "bare", "attached"])
@pytest.mark.parametrize(
    ("partstat", "state"), [("ACCEPTED", "going"), ("DECLINED", "not_going"), ("TENTATIVE", None)]
)
def test_answer_of_a_calendar_is_an_answer(meeting, take, mail, shape, partstat, state):
    assert take(mail(partstat=partstat, shape=shape, zones=ZONES, cn='CN="Dani D.";'))

    assert answer(meeting) == state
    if state:
        rsvp = meeting.rsvps.get()
        assert (rsvp.answered_via, rsvp.reply_sequence, rsvp.reply_at) == ("calendar", 0, MADE)
    # Nobody is answered.
    assert not Delivery.objects.exists()


def test_perhaps_takes_no_seat_away(meeting, take, mail, dani, say):
    say(dani)
    assert take(mail(partstat="TENTATIVE"))
    assert answer(meeting) == "going"
    assert meeting.rsvps.get().reply_at == MADE


def test_yes_in_the_last_half_hour_brings_the_link(meeting, take, mail):
    assert take(mail(stamp="20261210T164000Z"), now=START - timedelta(minutes=19))
    assert answer(meeting) == "going"
    assert Delivery.objects.get().kind == "rsvp_confirmed"


def test_full_meeting_puts_in_line(meeting, take, mail, ally, say):
    Meeting.objects.update(capacity=1)
    say(ally)
    assert take(mail())
    assert answer(meeting) == "waitlisted"


def test_who_wants_the_materials_keeps_the_wish(meeting, take, mail, dani, say):
    say(dani, "send_materials")
    assert take(mail(partstat="DECLINED"))
    assert answer(meeting) == "send_materials"


def test_answer_to_a_moved_meeting_keeps_the_seat(meeting, take, mail, dani, say):
    say(dani)
    Meeting.objects.update(sequence=1)
    meeting.rsvps.update(state="needs_confirmation")
    assert take(mail(sequence=0))
    assert answer(meeting) == "needs_confirmation"
    assert take(mail(sequence=1))
    assert answer(meeting) == "going"


# --- Twice, late, out of order ----------------------------------------------------------------


def test_same_answer_twice_counts_once(meeting, take, mail, dani, say):
    yes = mail()
    assert take(yes)
    say(dani, "not_going", now=NOW + timedelta(hours=3))
    assert take(yes, now=NOW + timedelta(hours=4))
    assert answer(meeting) == "not_going"


def test_answers_in_the_wrong_order_end_right(meeting, take, mail):
    first, second = mail(), mail(partstat="DECLINED", stamp="20261203T170500Z")
    for one in (second, first, second, first):
        assert take(one)
    assert answer(meeting) == "not_going"


def test_what_was_said_here_since_holds(meeting, take, mail, dani, say):
    say(dani, "not_going", now=MADE + timedelta(minutes=1))
    assert take(mail())
    assert answer(meeting) == "not_going"
    assert take(mail(stamp="20261203T170500Z"))
    assert answer(meeting) == "going"


@pytest.mark.parametrize("why", ["begun", "cancelled", "draft", "left"])
def test_late_answer_changes_nothing_and_nobody_hears(meeting, take, mail, dani, why):
    now = NOW + timedelta(hours=2)
    if why == "begun":
        now = START + timedelta(minutes=1)
    elif why == "left":
        dani.memberships.update(state="left")
    else:
        Meeting.objects.update(state=why, cancel_reason="Snow.")
    assert take(mail(), now=now)
    assert not meeting.rsvps.exists()
    assert not Delivery.objects.exists()


# --- Strangers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"uid": "somebody-else@cop.example"},
        {"attendee": "thief@people.example"},
        {"scheme": "https://"},
        {"sequence": 7},
        {"sequence": -1},
        {"sequence": "9" * 400},
        {"stamp": "20270101T000000Z"},
        {"stamp": "20261203"},
        {"stamp": "nonsense"},
        {"partstat": "DELEGATED"},
        {"partstat": "X"},
        {"method": "REQUEST"},
        {"method": "CANCEL"},
        {"method": "reply\r\nMETHOD:REPLY"},
        {"extra": "ATTENDEE;PARTSTAT=ACCEPTED:mailto:other@people.example\r\n"},
        {"extra": "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:x\r\n"},
        {"to": "meetings@cop.example"},
        {"to": "meetings+bcdfghjkmnpqr-bcdfghjkmnpqr-0123456789abcdef@cop.example"},
    ],
    ids=str,
)
def test_what_is_not_right_is_let_fall(meeting, take, mail, wrong):
    assert take(mail(**wrong))
    assert not meeting.rsvps.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("without", [False, True], ids=["sealed", "control: seal not asked"])
def test_forged_seal_opens_nothing(meeting, dani, take, mail, monkeypatch, without):
    local, _at, domain = reply_address(ics.reply_tag(meeting, dani)).partition("@")
    if without:
        monkeypatch.setattr("outbox.addresses.hmac.compare_digest", lambda *_: True)
    assert take(mail(to=f"{local[:-4]}0000@{domain}"))
    assert (answer(meeting) == "going") is without


def test_seal_of_one_person_is_not_that_of_another(meeting, take, mail, dani, ally):
    own = reply_address(ics.reply_tag(meeting, ally))
    assert take(mail(to=own, attendee=dani.email))
    assert not meeting.rsvps.exists()


def test_second_address_of_a_person_counts_once_it_is_proven(meeting, take, mail, dani):
    other = EmailAddress.objects.create(user=dani, email="dani@work.example", verified=False)
    assert take(mail(attendee="Dani@Work.example"))
    assert not meeting.rsvps.exists()
    other.verified = True
    other.save(update_fields=["verified"])
    assert take(mail(attendee="Dani@Work.example"))
    assert answer(meeting) == "going"


def test_letters_of_people_are_left_for_people(take, meeting, dani):
    address = reply_address(ics.reply_tag(meeting, dani))
    words = f"From: dani@people.example\r\nTo: {address}\r\nSubject: Re\r\n\r\nI am late.\r\n"
    assert take(words.encode()) is False


NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="n%d"\r\n\r\n--n%d\r\n' % (n, n) for n in range(3000)
)
HEAD = b"To: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REPLY"
HOSTILE = {
    "nothing": b"",
    "no mail": b"\x00\xff\xfe\r\n\r\n\xff",
    "nested": b"To: %s\r\n" + NESTED,
    "no body": HEAD + b"\r\n\r\n",
    "bad base64": HEAD + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n=====\xff",
    "bad charset": HEAD + b"; charset=nonsense\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n",
    "cut off": HEAD + b"\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:x",
    "not utf-8": HEAD + b"\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:\xff\xfe\r\nEND:VCALENDAR\r\n",
    "large": HEAD + b"\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + b"X-A:b\r\n" * 120_000,
    "deep": HEAD + b"\r\n\r\n" + b"BEGIN:VCALENDAR\r\n" * 3_000,
    "long line": HEAD + b"\r\n\r\nBEGIN:VCALENDAR\r\nX-A" + b";B=c" * 15_000 + b":d\r\n",
    "many addresses": b"To: " + b"a@b.example, " * 50_000 + b"\r\n" + HEAD + b"\r\n\r\nx",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_does_no_harm(meeting, dani, take, name):
    address = reply_address(ics.reply_tag(meeting, dani)).encode()
    started = time.perf_counter()
    take(HOSTILE[name].replace(b"%s", address))
    assert time.perf_counter() - started < 2
    assert not meeting.rsvps.exists()
    assert not Delivery.objects.exists()


def test_nothing_personal_is_logged(meeting, dani, take, mail, caplog, capsys):
    take(mail())
    take(mail(attendee="thief@people.example"))
    said = caplog.text + capsys.readouterr().err + capsys.readouterr().out
    for word in (dani.email, "thief", dani.public_id, meeting.public_id):
        assert word not in said


# --- The mailbox ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def imap_port():
    with running_server() as port:
        yield port


@pytest.fixture
def imap(imap_port):
    with ImapServer(imap_port) as server:
        yield server


def test_mailbox_is_read_and_answers_are_deleted(imap, settings, meeting, mail, dani):
    letter = b"From: a@b.example\r\nTo: meetings@cop.example\r\nSubject: Hello\r\n\r\nHi\r\n"
    imap.fill("answers", mail(), mail(), mail(attendee="thief@people.example"), letter)
    settings.REPLY_MAILBOX_URL = URL.format(imap.port, "answers")

    assert read_replies(now=NOW + timedelta(hours=2)) == 3
    assert answer(meeting) == "going"
    assert imap.left("answers") == (1, 0)
    assert read_replies(now=NOW + timedelta(hours=2)) == 0


def test_one_mailbox_may_take_returned_mail_too(imap, settings, meeting, mail, ally, say):
    settings.BOUNCE_ADDRESS = "bounces@cop.example"
    say(ally)
    imap.fill("both", mail(), dsn(Delivery.objects.get()))
    settings.REPLY_MAILBOX_URL = settings.BOUNCE_MAILBOX_URL = URL.format(imap.port, "both")

    assert read_bounce_mailbox(now=NOW) == 0
    assert read_replies(now=NOW + timedelta(hours=2)) == 2
    assert (answer(meeting), MailEvent.objects.count()) == ("going", 1)


def test_mailbox_that_does_not_open_raises_an_alarm(imap, settings, meeting):
    settings.REPLY_MAILBOX_URL = URL.format(imap.port, "nowhere")
    assert read_replies(now=NOW) == 0
    assert MailAlarm.objects.get().name == "reply mailbox"
    imap.fill("works")
    settings.REPLY_MAILBOX_URL = URL.format(imap.port, "works")
    read_replies(now=NOW)
    assert not MailAlarm.objects.exists()


def test_without_a_mailbox_nothing_is_read(settings):
    settings.REPLY_MAILBOX_URL = ""
    read_replies_task()


def test_from_our_mail_to_the_answer_through_real_servers(imap, settings, meeting, dani, say):
    """SMTP out, a calendar that accepts, SMTP back, IMAP in: and there it ends."""
    say(dani)
    Rsvp.objects.update(state="needs_confirmation")
    with smtp_box() as box:
        with smtplib.SMTP("127.0.0.1", box.port) as post:
            post.sendmail("a@b.example", [dani.email], _first_letter(dani))
        text = box.messages[-1].get_body(("plain",))
        parts = [p for p in box.messages[-1].walk() if p.get_content_type() == "text/calendar"]
        event = Calendar.from_ical(parts[0].get_payload(decode=True)).walk("VEVENT")[0]
        organizer = event["ORGANIZER"].removeprefix("mailto:")
        reply = answer_mail(organizer, answer_text(str(event["UID"]), dani.email))
        with smtplib.SMTP("127.0.0.1", box.port) as post:
            post.sendmail("dani@people.example", [organizer], reply)
        imap.fill("whole", box.messages[-1].as_bytes(policy=SMTP))
    assert text is not None
    settings.REPLY_MAILBOX_URL = URL.format(imap.port, "whole")
    before = Delivery.objects.count()
    assert read_replies(now=NOW + timedelta(hours=2)) == 1
    assert answer(meeting) == "going"
    assert Delivery.objects.count() == before


def _first_letter(person):
    delivery = Delivery.objects.get()
    return build_message(delivery, letter_for(delivery, None), None)[1]
