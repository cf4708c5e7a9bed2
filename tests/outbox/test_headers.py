"""The headers of what really arrives: parsed from the bytes that the mail server got."""

import re
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.utils import timezone

from cop.core.mail import Email
from members.models import Community, User
from outbox.actions import (
    find_mailing_list,
    queue_batch,
    queue_email,
    send_due,
    update_subscriptions,
)
from outbox.addresses import read_bounce_address
from outbox.models import Delivery, Purpose, Subscription
from tests.clock import next_noon
from tests.factories import make_person
from tests.outbox.test_send import queue
from tests.smtp import Box

pytestmark = pytest.mark.django_db
HELLO = Email(subject="Été à Nelson", text="Bonjour\n", html="<p>Bonjour</p>")
NEWS = {
    "en": {
        "subject": "News",
        "text": "Choose:\n%%CHOICES_URL%%\nStop:\n%%UNSUBSCRIBE_URL%%\n",
        "html": '<a href="%%CHOICES_URL%%">Choose</a> <a href="%%UNSUBSCRIBE_URL%%">Stop</a>',
    }
}
# By which a filter on the way, or a robot that answers, would be misled.
NEVER = ("Cc", "Bcc", "Sender", "Return-Path", "Disposition-Notification-To", "X-Priority", "X-PM")


def send(box: Box, person: User, **fields: Any) -> EmailMessage:
    values = {"kind": "test", "purpose": Purpose.TRANSACTIONAL, "email": HELLO} | fields
    queue_email(key="k1", person=person, **values)
    assert send_due(clock=next_noon) == 1
    return box.last


def send_news(box: Box, community: Community, people: list[User]) -> list[EmailMessage]:
    noon = next_noon()
    listing = find_mailing_list(community.public_id, "newsletter")
    for person in people:
        update_subscriptions(
            person=person,
            scope=community.public_id,
            kinds={"newsletter"},
            source="test",
            now=timezone.now(),
        )
    queue_batch(
        key="newsletter:1",
        kind="newsletter",
        mailing_list=listing,
        contents=NEWS,
        recipients=Subscription.objects.filter(mailing_list=listing, state="subscribed"),
        now=noon,
        reply_to=community.contact_email,
    )
    assert send_due(clock=lambda: noon) == len(people)
    return box.messages


def test_every_mail_says_that_a_machine_wrote_it(dani: User, mailbox: Box) -> None:
    message = send(mailbox, dani)

    assert message["Auto-Submitted"] == "auto-generated"
    assert {"OOF", "AutoReply"} <= set(re.split(r",\s*", message["X-Auto-Response-Suppress"]))
    assert [name for name in NEVER if name in message] == []


def test_no_header_stands_twice(dani: User, community: Community, mailbox: Box) -> None:
    send(mailbox, dani)
    send_news(mailbox, community, [dani])

    for message in mailbox.messages:
        names = [name.lower() for name in message.keys()]  # noqa: SIM118  each occurrence
        assert len(names) == len(set(names))


def test_one_mail_has_one_recipient(
    dani: User, priya: User, community: Community, mailbox: Box
) -> None:
    messages = send_news(mailbox, community, [dani, priya])

    assert {message["To"] for message in messages} == {dani.email, priya.email}
    assert all(len(message["To"].addresses) == 1 for message in messages)
    assert dani.email not in mailbox.to(priya.email)[0].as_string()


def test_date_and_message_id_are_those_of_the_row(dani: User, mailbox: Box) -> None:
    message = send(mailbox, dani)
    row = Delivery.objects.get()

    assert message["Message-ID"] == row.message_id
    assert re.fullmatch(r"<[0-9a-f-]{36}@[\w.-]+>", message["Message-ID"])
    date = parsedate_to_datetime(message["Date"])
    assert date.tzinfo is not None
    assert abs(date - row.dated_at) < timedelta(seconds=2)


@pytest.mark.django_db
def test_date_is_that_of_the_first_attempt_and_stays(mailbox: Box) -> None:
    """Held for days it is no old mail; tried again it is no new one."""
    row = queue(None, address="x+drop@people.example")
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=3))
    for _ in range(2):
        Delivery.objects.filter(state="queued").update(due_at=timezone.now())
        send_due()
    row.refresh_from_db()
    dates = [parsedate_to_datetime(message["Date"]) for message in mailbox.messages]
    assert len(dates) == 2
    assert dates[0] == dates[1]
    assert abs(dates[0] - timezone.now()) < timedelta(minutes=1)


def test_sender_is_named_and_answers_go_to_a_person(dani: User, mailbox: Box) -> None:
    message = send(
        mailbox, dani, sender_name='Chaque "porte", é', reply_to="hello@every-door.example"
    )

    [sender] = message["From"].addresses
    assert sender.display_name == 'Chaque "porte", é'
    assert sender.addr_spec == "test@cop.example"
    assert message["Reply-To"] == "hello@every-door.example"
    assert message["Subject"] == "Été à Nelson"


def test_mail_of_ones_own_business_is_of_no_list(dani: User, mailbox: Box) -> None:
    message = send(mailbox, dani)

    for name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence"):
        assert message[name] is None


def test_newsletter_is_of_its_list_and_stops_with_one_click(
    dani: User, community: Community, mailbox: Box, settings: Any
) -> None:
    settings.BOUNCE_ADDRESS = "bounces@cop.example"
    [message] = send_news(mailbox, community, [dani])
    listing = find_mailing_list(community.public_id, "newsletter")

    assert message["Precedence"] == "bulk"
    assert re.search(rf"<{listing.public_id}\.[\w.-]+>$", message["List-Id"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop, mailto = re.fullmatch(
        r"<(https?://[^>\s]+)>,\s*<mailto:([^>?\s]+)\?subject=unsubscribe>",
        message["List-Unsubscribe"],
    ).groups()
    assert stop in message.get_body(("plain",)).get_content()
    assert stop in message.get_body(("html",)).get_content()
    assert read_bounce_address(mailto) == Delivery.objects.get().pk


def test_newsletter_without_a_bounce_address_stops_by_link_alone(
    dani: User, community: Community, mailbox: Box, settings: Any
) -> None:
    settings.BOUNCE_ADDRESS = ""
    [message] = send_news(mailbox, community, [dani])

    assert re.fullmatch(r"<https?://[^>\s]+>", message["List-Unsubscribe"])


def test_no_line_is_longer_than_a_server_must_take(
    dani: User, community: Community, mailbox: Box
) -> None:
    long = Email(subject="é" * 300, text="ʔ" * 3000, html="<p>" + "x" * 5000 + "</p>")
    send(mailbox, dani, email=long, sender_name="ŝ" * 120)
    send_news(mailbox, community, [dani])

    for message in mailbox.messages:
        for line in message.as_bytes().splitlines():
            assert len(line) <= 998


@pytest.mark.parametrize("evil", ["\r\nBcc: all@evil.example", "\nX-Evil: 1", "\x07\r", "\u2028"])
def test_nothing_that_people_type_opens_a_header(mailbox: Box, evil: str) -> None:
    person = make_person("Evil")
    named = f"Dani{evil}"
    message = send(
        mailbox,
        person,
        email=Email(subject=named, text=named, html=named),
        sender_name=named[:120],
    )

    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert len(message["To"].addresses) == 1
    assert "evil.example" not in message["From"].addresses[0].domain
    assert [type(part.defects) for part in message.walk() if part.defects] == []


def test_calendar_entry_comes_as_part_and_as_file(dani: User, mailbox: Box) -> None:
    entry = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    email = Email("Come", "Come\n", "<p>Come</p>", calendar=entry, calendar_method="REQUEST")
    message = send(mailbox, dani, email=email)

    parts = {part.get_content_type(): part for part in message.walk()}
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert parts["application/ics"].get_filename() == "invite.ics"
    assert parts["application/ics"].get_payload(decode=True).decode() == entry
