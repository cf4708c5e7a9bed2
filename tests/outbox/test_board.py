"""What staff do with mail that has not left (outbox/actions/board.py)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cop.core.errors import ActionError
from cop.core.mail import Email
from cop.core.models import AuditEvent
from outbox.actions import (
    cancel_mail,
    find_mailing_list,
    hold_mail,
    queue_batch,
    queue_email,
    release_mail,
    reschedule_mail,
    resend_uncertain,
    send_due,
    settle_uncertain,
    update_subscriptions,
)
from outbox.actions import send as sending
from outbox.models import Delivery, MailBatch, MailHold, Purpose, Subscription
from tests.clock import next_noon
from tests.factories import make_member

HELLO = Email(subject="It moved", text="Hello", html="<p>Hello</p>")
PREFIX = "changed:abc:"
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return next_noon()


@pytest.fixture
def mail(community, now):
    """`mail(dani)`: a mail to a person about one fact, due at noon."""

    def _mail(person, key="", purpose=Purpose.TRANSACTIONAL, **fields):
        key = key or f"{PREFIX}{person.pk}:1"
        queue_email(
            key=key, kind="changed", purpose=purpose, email=HELLO, person=person,
            scope=community.public_id, due_at=now, **fields,
        )  # fmt: skip
        return Delivery.objects.get(key=key)

    return _mail


@pytest.fixture
def what(community, priya, now):
    return {"scope": community.public_id, "prefix": PREFIX, "by": priya, "now": now}


@pytest.fixture
def batch(community, dani, ally, now):
    for person in (dani, ally):
        update_subscriptions(
            person=person, scope=community.public_id, kinds={"newsletter"}, source="t", now=now
        )
    listing = find_mailing_list(community.public_id, "newsletter")
    return queue_batch(
        key="newsletter:iss:1:members_and_allies",
        kind="newsletter",
        mailing_list=listing,
        contents={"en": {"subject": "News", "text": "N", "html": "<p>N</p>"}},
        recipients=Subscription.objects.filter(mailing_list=listing),
        now=now,
    )


def states(**only):
    return sorted(Delivery.objects.filter(**only).values_list("state", "reason"))


def test_hold_mail_keeps_it_until_it_is_released(dani, mail, what, now, mailbox):
    mail(dani)

    assert hold_mail(**what) == 1
    assert send_due(clock=lambda: now) == 0
    assert states() == [("paused", "held by staff")]
    assert release_mail(**what) == 1
    assert send_due(clock=lambda: now) == 1
    assert states() == [("sent", "")]
    written = list(AuditEvent.objects.order_by("pk").values_list("action", "reason", "scope"))
    assert written[-2:] == [
        ("mail_held", "1", what["scope"]),
        ("mail_released", "1", what["scope"]),
    ]


def test_hold_mail_touches_only_its_own(dani, stranger, other_community, mail, what, now):
    mail(dani)
    mail(dani, key="changed:abcdef:1:1")
    mail(dani, key="k", purpose=Purpose.SECURITY)
    foreign = mail(stranger, key=f"{PREFIX}9:1")
    Delivery.objects.filter(pk=foreign.pk).update(scope=other_community.public_id)

    hold_mail(**what)

    assert Delivery.objects.get(state="paused").key == f"{PREFIX}{dani.pk}:1"


def test_hold_mail_takes_it_out_of_the_hands_of_a_sender_that_has_not_begun(dani, mail, what, now):
    row = mail(dani)
    Delivery.objects.filter(pk=row.pk).update(state="claimed", owner=7, claimed_at=now)
    hold_mail(**what)
    assert states() == [("paused", "held by staff")]


def test_hold_mail_between_claim_and_fence_wins(dani, mail, what, now, mailbox, monkeypatch):
    mail(dani)
    fence = sending.begin_sending

    def begin(row, **others):
        hold_mail(**what)
        return fence(row, **others)

    monkeypatch.setattr(sending, "begin_sending", begin)
    assert send_due(clock=lambda: now) == 0
    assert mailbox.messages == []
    assert states() == [("paused", "held by staff")]


def test_what_has_begun_to_leave_is_never_touched(dani, mail, what, now):
    row = mail(dani)
    Delivery.objects.filter(pk=row.pk).update(
        state="claimed", owner=7, claimed_at=now, started_at=now
    )
    for action in (hold_mail, release_mail, cancel_mail):
        with pytest.raises(ActionError):
            action(**what)
    assert states() == [("claimed", "")]


def test_hold_mail_twice_says_so(dani, mail, what):
    mail(dani)
    hold_mail(**what)
    with pytest.raises(ActionError):
        hold_mail(**what)


def test_hold_mail_also_for_what_comes_later(dani, mail, what):
    assert hold_mail(**what, later=True) == 0
    mail(dani)
    assert states() == [("paused", "held by staff")]
    assert release_mail(**what) == 1
    assert not MailHold.objects.exists()
    mail(dani, key=f"{PREFIX}later")
    assert states() == [("queued", ""), ("queued", "")]


def test_cancel_mail_for_what_comes_later_can_be_undone_until_then(dani, ally, mail, what):
    cancel_mail(**what, later=True)
    mail(dani)
    release_mail(**what)
    mail(ally)
    assert states() == [("cancelled", "stopped by staff"), ("queued", "")]


def test_cancel_mail_ends_it(dani, mail, what, now, mailbox):
    mail(dani)
    assert cancel_mail(**what) == 1
    assert send_due(clock=lambda: now) == 0
    assert states() == [("cancelled", "stopped by staff")]
    assert Delivery.objects.get().ended_at == now
    with pytest.raises(ActionError):
        release_mail(**what)


def test_what_ran_out_on_hold_is_skipped(dani, mail, what, now, mailbox):
    mail(dani, expires_at=now + HOUR)
    hold_mail(**what)
    release_mail(**{**what, "now": now + 2 * HOUR})
    assert send_due(clock=lambda: now + 2 * HOUR) == 0
    assert states() == [("skipped", "too late to be useful")]


@pytest.mark.parametrize("reason", ["waits for release", "restored copy", "held by staff"])
def test_release_mail_lets_go_whatever_waits_for_a_person(dani, mail, what, reason):
    mail(dani, held=reason)
    assert release_mail(**what) == 1
    assert states() == [("queued", "")]


def test_release_mail_without_a_name_is_for_restored_copies_alone(dani, mail, what):
    mail(dani, key="rsvp:1", held="restored copy")
    mail(dani, key="rsvp:2", held="held by staff")
    assert release_mail(**{**what, "prefix": ""}) == 1
    assert states() == [("paused", "held by staff"), ("queued", "")]
    with pytest.raises(ActionError):
        hold_mail(**{**what, "prefix": ""})
    with pytest.raises(ValueError, match="beginning"):
        hold_mail(**{**what, "prefix": ""}, later=True)


def test_a_batch_is_held_released_and_cancelled_as_one(batch, what, now, mailbox):
    what = {**what, "prefix": "newsletter:iss:1:"}

    assert hold_mail(**what) == 2
    batch.refresh_from_db()
    assert (batch.state, batch.reason) == ("paused", "held by staff")
    assert send_due(clock=lambda: now) == 0

    assert release_mail(**what) == 2
    batch.refresh_from_db()
    assert (batch.state, batch.reason, batch.resumed_at) == ("sending", "", now)
    assert send_due(clock=lambda: now) == 2

    MailBatch.objects.update(state="cancelled")
    with pytest.raises(ActionError):
        cancel_mail(**what)


def test_cancel_mail_stops_a_batch(batch, what, now, mailbox):
    assert cancel_mail(**{**what, "prefix": "newsletter:iss:1:"}) == 2
    batch.refresh_from_db()
    assert (batch.state, batch.reason) == ("cancelled", "stopped by staff")
    assert send_due(clock=lambda: now) == 0


def test_a_batch_of_another_community_is_out_of_reach(batch, other_community, what):
    with pytest.raises(ActionError):
        hold_mail(**{**what, "prefix": "newsletter:iss:1:", "scope": other_community.public_id})


def test_reschedule_mail(dani, mail, what, now):
    mail(dani, expires_at=now + 5 * HOUR)
    assert reschedule_mail(**what, due_at=now + HOUR) == 1
    assert Delivery.objects.get().due_at == now + HOUR
    for moment in (now - HOUR, now + 5 * HOUR):
        with pytest.raises(ActionError):
            reschedule_mail(**what, due_at=moment)
    assert Delivery.objects.get().due_at == now + HOUR


def test_reschedule_mail_leaves_reminders_and_batches_alone(dani, mail, batch, what, now):
    mail(dani, purpose=Purpose.REMINDER)
    for prefix in (PREFIX, "newsletter:iss:1:"):
        with pytest.raises(ActionError):
            reschedule_mail(**{**what, "prefix": prefix}, due_at=now + HOUR)


@pytest.fixture
def unclear(dani, mail, now):
    row = mail(dani)
    Delivery.objects.filter(pk=row.pk).update(
        state="uncertain", reason="the server did not answer", ended_at=now, attempts=2
    )
    return row


def test_resend_uncertain_sends_the_same_message_once_more(unclear, what, now, mailbox):
    del what["prefix"]
    assert resend_uncertain(ids=[unclear.pk], **what) == 1
    with pytest.raises(ActionError):
        resend_uncertain(ids=[unclear.pk], **what)
    assert send_due(clock=lambda: now) == 1
    assert mailbox.last["Message-ID"] == unclear.message_id
    assert states() == [("sent", "possible repeat")]


def test_resend_uncertain_not_where_it_is_too_late_or_somebody_elses(unclear, what, now):
    del what["prefix"]
    with pytest.raises(ActionError):
        resend_uncertain(ids=[unclear.pk], **{**what, "scope": "other"})
    with pytest.raises(ActionError):
        resend_uncertain(ids=[uuid4()], **what)
    Delivery.objects.update(expires_at=now)
    with pytest.raises(ActionError):
        resend_uncertain(ids=[unclear.pk], **what)


def test_settle_uncertain_stays_unclear_and_is_asked_once(unclear, what):
    del what["prefix"]
    assert settle_uncertain(ids=[unclear.pk], **what) == 1
    assert states() == [("uncertain", "left as it is")]
    with pytest.raises(ActionError):
        settle_uncertain(ids=[unclear.pk], **what)
    with pytest.raises(ActionError):
        resend_uncertain(ids=[unclear.pk], **what)


def test_many_rows_take_as_few_statements_as_one(community, mail, what):
    def count():
        with CaptureQueriesContext(connection) as queries:
            hold_mail(**what)
            release_mail(**what)
        return len(queries)

    mail(make_member(community, "First"))
    one = count()
    for number in range(5):
        mail(make_member(community, f"P{number}"))
    assert count() == one


def test_two_at_once_of_whom_one_wins(dani, mail, what):
    """Hold and cancel of the same moment: whichever comes second finds nothing to hold."""
    mail(dani)
    cancel_mail(**what)
    with pytest.raises(ActionError):
        hold_mail(**what)
    assert states() == [("cancelled", "stopped by staff")]
