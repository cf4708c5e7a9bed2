from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from cop.core.mail import Email
from members.models import Community, User
from outbox.actions import (
    cancel_deliveries,
    find_mailing_list,
    queue_email,
    send_due,
    update_subscriptions,
)
from outbox.actions import send as sending
from outbox.models import Delivery, Purpose, Suppression
from tests.clock import next_noon
from tests.factories import make_person
from tests.smtp import Box

HELLO = Email(subject="Hello", text="Hello, ʔa.\n.dot\n", html="<p>Hello</p>")


def queue(person: User | None = None, key: str = "k1", **fields: object) -> Delivery:
    values = {"kind": "test", "purpose": Purpose.TRANSACTIONAL, "email": HELLO} | fields
    queue_email(key=key, person=person, **values)
    return Delivery.objects.get(key=key)


def subscribe(person: User, community: Community, kind: str = "newsletter") -> None:
    update_subscriptions(
        person=person, scope=community.public_id, kinds={kind}, source="test", now=timezone.now()
    )


@pytest.mark.django_db
def test_queue_email_twice_leaves_one(dani: User) -> None:
    queue(dani)
    queue(dani)
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_send_due_delivers_once_with_honest_headers(dani: User, mailbox: Box) -> None:
    delivery = queue(dani)

    assert send_due() == 1
    assert send_due() == 0

    [message] = mailbox.messages
    assert message["To"] == dani.email
    assert message["Message-ID"] == delivery.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text == "Hello, ʔa.\n.dot\n"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("sent", 1)


@pytest.mark.django_db
def test_send_due_wipes_security_mail(dani: User, mailbox: Box) -> None:
    delivery = queue(None, purpose=Purpose.SECURITY, address=dani.email)

    send_due()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.text, delivery.html, delivery.subject) == ("sent", "", "", "")
    assert len(mailbox.messages) == 1


@pytest.mark.django_db
def test_send_due_asks_consent_at_the_last_moment(
    dani: User, community: Community, mailbox: Box
) -> None:
    listing = find_mailing_list(community.public_id, "newsletter")
    never_asked = queue(
        dani, key="a", purpose=Purpose.NEWSLETTER, mailing_list=listing, scope=community.public_id
    )
    send_due(clock=next_noon)
    never_asked.refresh_from_db()
    assert (never_asked.state, never_asked.reason) == ("skipped", "not subscribed")

    subscribe(dani, community)
    queue(dani, key="b", purpose=Purpose.NEWSLETTER, mailing_list=listing)
    assert send_due(clock=next_noon) == 1
    assert "List-Unsubscribe-Post" in mailbox.last
    assert listing.public_id in mailbox.last["List-Id"]


@pytest.mark.django_db
def test_unsubscribing_drops_what_waits(dani: User, community: Community, mailbox: Box) -> None:
    subscribe(dani, community)
    listing = find_mailing_list(community.public_id, "newsletter")
    waiting = queue(dani, purpose=Purpose.NEWSLETTER, mailing_list=listing)

    update_subscriptions(
        person=dani, scope=community.public_id, kinds=set(), source="test", now=timezone.now()
    )

    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("skipped", "unsubscribed")
    assert send_due() == 0


@pytest.mark.django_db
def test_send_due_skips_what_came_too_late_and_closed_accounts(dani: User, mailbox: Box) -> None:
    now = timezone.now()
    late = queue(dani, key="late", expires_at=now - timedelta(seconds=1))
    closed_person = make_person("Closed")
    closed = queue(closed_person, key="closed")
    User.objects.filter(pk=closed_person.pk).update(is_active=False)

    assert send_due() == 0

    late.refresh_from_db()
    closed.refresh_from_db()
    assert (late.state, late.reason) == ("skipped", "too late to be useful")
    assert (closed.state, closed.reason) == ("skipped", "account closed")
    assert mailbox.messages == []


@pytest.mark.django_db
def test_suppressed_address_gets_nothing_but_security_mail(dani: User, mailbox: Box) -> None:
    from outbox.addresses import address_hash

    Suppression.objects.create(
        address_hash=address_hash(dani.email.upper()), cause="bounced", at=timezone.now()
    )
    queue(dani, key="a")
    queue(None, key="b", address=dani.email, purpose=Purpose.SECURITY)

    assert send_due() == 1
    assert Delivery.objects.get(key="a").reason == "address suppressed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mark", "state", "reason"),
    [
        ("+550", "failed", "bad address"),
        ("+450", "queued", ""),
        ("+drop", "queued", "unanswered"),
        ("+421", "queued", ""),
    ],
)
def test_send_due_goes_by_the_answer_of_the_server(
    mailbox: Box, mark: str, state: str, reason: str
) -> None:
    delivery = queue(None, address=f"person{mark}@people.example")

    send_due()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (state, reason)
    assert (delivery.due_at > timezone.now()) is (state == "queued")


@pytest.mark.django_db
def test_send_due_goes_on_after_a_refusal(dani: User, mailbox: Box) -> None:
    for number in range(3):
        queue(None, key=f"bad{number}", address=f"x{number}+550@people.example")
    queue(dani, key="good")

    assert send_due() == 1
    assert [message["To"] for message in mailbox.messages] == [dani.email]


@pytest.mark.django_db
def test_a_row_that_cannot_be_built_does_not_stop_the_others(dani: User, mailbox: Box) -> None:
    bad = queue(None, key="a-bad", address="nowhere")
    queue(dani, key="b-good")

    assert send_due() == 1
    bad.refresh_from_db()
    assert (bad.state, bad.reason) == ("failed", "bad address")


@pytest.mark.django_db
def test_what_the_server_left_unanswered_goes_once_more_and_then_to_a_person(
    mailbox: Box,
) -> None:
    row = queue(None, address="x+drop@people.example")
    for _ in range(3):
        Delivery.objects.filter(state="queued").update(due_at=timezone.now())
        send_due()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("uncertain", "the server did not answer")
    assert [message["Message-ID"] for message in mailbox.messages] == [row.message_id] * 2


@pytest.mark.django_db
def test_send_due_waits_when_no_server_answers(dani: User, settings: object) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    first, second = queue(dani, key="a"), queue(dani, key="b")

    assert send_due() == 0

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("queued", "queued")
    assert first.owner is None
    assert second.owner is None


@pytest.mark.django_db(transaction=True)
def test_rows_of_a_dead_sender_go_out_again_with_the_same_message_id(
    dani: User, mailbox: Box
) -> None:
    """The owner's lock is gone with its connection; a living owner's rows are left alone."""
    dead, alive = queue(dani, key="dead"), queue(dani, key="alive")
    now = timezone.now()
    Delivery.objects.filter(pk=dead.pk).update(
        state="claimed", owner=111, claimed_at=now, started_at=now, attempts=1
    )
    Delivery.objects.filter(pk=alive.pk).update(state="claimed", owner=222, claimed_at=now)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(222)")
        assert send_due() == 1
        assert mailbox.last["Message-ID"] == dead.message_id
        alive.refresh_from_db()
        assert alive.state == "claimed"
    finally:
        other.close()
    assert send_due() == 1
    assert len(mailbox.messages) == 2


@pytest.mark.django_db(transaction=True)
def test_two_senders_share_the_rows_and_send_each_once(dani: User, mailbox: Box) -> None:
    import threading

    for number in range(60):
        queue(dani, key=f"k{number}")

    def work() -> None:
        try:
            send_due()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = [message["Message-ID"] for message in mailbox.messages]
    assert (len(ids), len(set(ids))) == (60, 60)


@pytest.mark.django_db(transaction=True)
def test_control_without_a_claim_senders_would_repeat(
    dani: User, mailbox: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection matters: with the claim and the fence off, mails go out twice."""
    import threading

    for number in range(40):
        queue(dani, key=f"k{number}")

    def careless(owner: int, *, now: object) -> list[Delivery]:
        rows = Delivery.objects.filter(state="queued").select_related("person", "mailing_list")
        return list(rows.order_by("id")[:40])

    monkeypatch.setattr(sending.claim, "claim", careless)
    monkeypatch.setattr(sending, "begin_sending", lambda *args, **kwargs: True)
    barrier = threading.Barrier(2)

    def work() -> None:
        try:
            barrier.wait()
            send_due(seconds=0.5)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = [message["Message-ID"] for message in mailbox.messages]
    assert len(ids) > len(set(ids))


@pytest.mark.django_db
def test_an_address_no_server_can_take_does_not_stop_the_others(dani: User, mailbox: Box) -> None:
    odd = queue(None, key="a-odd", address="jean-françois@people.example")
    queue(dani, key="b-good")

    assert send_due() == 1

    odd.refresh_from_db()
    assert (odd.state, odd.reason) == ("failed", "bad address")


@pytest.mark.django_db
def test_a_row_that_breaks_the_sending_is_set_aside_after_three_tries(
    dani: User, mailbox: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = queue(dani, key="a-bad")
    whole = sending.Mailer.send

    def send(self: Any, sender: str, recipient: str, message: bytes) -> Any:
        if bad.message_id.encode() in message:
            raise UnicodeEncodeError("ascii", "ç", 0, 1, "no")
        return whole(self, sender, recipient, message)

    monkeypatch.setattr(sending.Mailer, "send", send)
    for number in range(3):
        queue(dani, key=f"b-good{number}")
        Delivery.objects.filter(pk=bad.pk).update(due_at=timezone.now())
        assert send_due() == 1

    bad.refresh_from_db()
    assert (bad.state, bad.reason, bad.attempts) == ("failed", "not built", 3)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_ends_its_senders_is_set_aside(dani: User, mailbox: Box) -> None:
    now = timezone.now()
    deadly, fresh = queue(dani, key="deadly"), queue(dani, key="fresh")
    Delivery.objects.filter(pk=deadly.pk).update(
        state="claimed", owner=111, claimed_at=now, started_at=now, attempts=5
    )
    assert send_due() == 1
    deadly.refresh_from_db()
    fresh.refresh_from_db()
    assert (deadly.state, fresh.state) == ("uncertain", "sent")


@pytest.mark.django_db
def test_what_was_claimed_and_not_begun_can_still_be_taken_back(
    dani: User, mailbox: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between claim and fence somebody cancels: it does not leave, and stays cancelled."""
    row = queue(dani, key="a:1")
    whole = sending.begin_sending

    def begin(*args: Any, **kwargs: Any) -> bool:
        cancel_deliveries(prefix="a:", reason="taken back", now=timezone.now())
        return whole(*args, **kwargs)

    monkeypatch.setattr(sending, "begin_sending", begin)
    assert send_due() == 0
    row.refresh_from_db()
    assert (row.state, row.reason) == ("cancelled", "taken back")
