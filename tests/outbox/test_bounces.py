"""Mail that came back to our bounce address: what servers and people really send."""

from email.message import EmailMessage

import pytest

from outbox.actions.returned import take_returned_mail
from outbox.addresses import bounce_address
from outbox.models import MailEvent, Subscription
from outbox.verdicts import verdict
from tests.returns import NOW, arf, dsn, is_stopped, states

pytestmark = pytest.mark.usefixtures("bounce_settings")


def take(raw, **fields):
    return take_returned_mail(raw, now=NOW, **fields)


# --- What servers say ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("5.1.1 smtp; 550 5.1.1 unknown", "hard"),
        ("550 5.2.1 disabled", "hard"),
        ("5.4.4 host not found", "hard"),
        ("5.0.0 smtp; 550 user unknown", "hard"),
        ("5.0.0 smtp; 550 5.7.1 blocked", "policy"),
        ("550 no such user", "hard"),
        ("5.2.2 smtp; 552 5.2.2 full", "soft"),
        ("552 mailbox full", "soft"),
        ("4.4.7 delivery time expired", "soft"),
        ("5.5.0 whatever", "soft"),
        ("550 5.7.26 unauthenticated", "policy"),
        ("5.1.8 bad sender", "policy"),
        ("2.0.0 fine", ""),
        ("hello from 5.1.1.9 and 10.5.1.1", ""),
        ("", ""),
    ],
)
def test_verdict(words, means):
    assert verdict(words) == means


# --- Reports ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "hard_bounce"),
        ({"status": "5.2.2", "said": "552 5.2.2 over quota"}, "soft_bounce"),
        ({"status": "4.4.7", "said": "delivery time expired"}, "soft_bounce"),
        ({"status": "5.7.1", "said": "550 5.7.1 spam"}, None),
        ({"action": "delayed", "status": "4.4.1"}, None),
        ({"action": "delivered", "status": "2.0.0"}, None),
        ({"charset": "no-such-charset"}, "hard_bounce"),
        ({"recipient": "someone@else.example"}, None),
    ],
)
@pytest.mark.django_db
def test_report(reader, deliver, fields, kind):
    delivery = deliver(reader)
    assert take(dsn(delivery, **fields)) is (kind is not None or "recipient" in fields)
    found = MailEvent.objects.values_list("provider", "kind", "delivery")
    assert list(found) == ([("verp", kind, delivery.pk)] if kind else [])


@pytest.mark.django_db
def test_report_suspends_once_and_keeps_no_address(reader, deliver):
    raw = dsn(deliver(reader, bulk=True), said=f"550 5.1.1 <{reader.email}> unknown")
    assert take(raw)
    assert take(raw)
    event = MailEvent.objects.get()
    assert reader.email not in event.detail
    assert "mx.example" not in event.event_id
    assert is_stopped(reader)


@pytest.mark.django_db
def test_report_sent_to_a_folded_or_named_address(reader, deliver):
    delivery = deliver(reader)
    address = bounce_address(delivery.pk)
    assert take(dsn(delivery, to=f'"Bounces" <{address}>'))
    assert take(dsn(delivery, to=address.upper()))
    assert take(dsn(delivery, to="bounces@cop.example"), recipient=address)


@pytest.mark.django_db
def test_recipient_in_xtext_is_ours(reader, deliver):
    reader.email = "dani+house@people.example"
    reader.save(update_fields=["email"])
    assert take(dsn(deliver(reader), recipient="dani+2Bhouse@people.example"))
    assert MailEvent.objects.count() == 1


@pytest.mark.django_db
def test_report_in_free_words(reader, deliver):
    mail = EmailMessage()
    mail["From"] = "Mail Delivery <postmaster@old.example>"
    mail["To"] = bounce_address(deliver(reader).pk)
    mail["Subject"] = "failure notice"
    mail.set_content("I tried. Remote host said: 550 No such user here")
    assert take(mail.as_bytes())
    assert MailEvent.objects.get().kind == "hard_bounce"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"From": "dani@people.example", "Subject": "Re: Newsletter"}, "Thank you, 550 times"),
        ({"From": "dani@people.example", "Auto-Submitted": "auto-replied"}, "Away until 5.1.1"),
        ({"From": "postmaster@x.example", "Auto-Submitted": "auto-replied"}, "Away, 550 km"),
        ({"From": "postmaster@x.example"}, "A greeting without a number"),
        ({}, ""),
    ],
)
@pytest.mark.django_db
def test_what_is_no_report_is_left(reader, deliver, headers, text):
    mail = EmailMessage()
    for name, value in headers.items():
        mail[name] = value
    mail["To"] = bounce_address(deliver(reader).pk)
    mail.set_content(text)
    assert take(mail.as_bytes()) is False
    assert not MailEvent.objects.exists()


# --- Complaints and unsubscribing by mail -------------------------------------------------


@pytest.mark.parametrize("mark", ["verp", "mail-from", "message-id", "headers-only"])
@pytest.mark.django_db
def test_complaint_finds_its_mail(reader, deliver, mark):
    delivery = deliver(reader, bulk=True)
    seal = bounce_address(delivery.pk)
    raw = {
        "verp": arf(delivery),
        "mail-from": arf(delivery, to="fbl@x", extra=f"Original-Mail-From: <{seal}>"),
        "message-id": arf(delivery, to="fbl@x", message_id=delivery.message_id),
        "headers-only": arf(
            delivery, to="fbl@x", message_id=delivery.message_id, copy="text/rfc822-headers"
        ),
    }[mark]
    assert take(raw)
    assert states(reader) == {"complained"}


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", ""])
@pytest.mark.django_db
def test_other_feedback_is_left(reader, deliver, kind):
    assert take(arf(deliver(reader, bulk=True), kind=kind)) is False
    assert states(reader) == {"subscribed"}


@pytest.mark.django_db
def test_unsubscribing_by_mail(reader, deliver):
    raw = f"From: x@y.example\nTo: {bounce_address(deliver(reader, bulk=True).pk)}\n"
    assert take(f"{raw}Subject: Unsubscribe \n\n".encode())
    row = Subscription.objects.get(person=reader, mailing_list__kind="newsletter")
    assert row.state == "unsubscribed"
