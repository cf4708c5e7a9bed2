"""What follows when mail comes back, or somebody calls it spam."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from outbox.actions import (
    confirm_address_works,
    find_mailing_list,
    queue_email,
    send_due,
    update_subscriptions,
)
from outbox.actions.events import note_answer
from outbox.models import (
    AddressScore,
    Consent,
    Delivery,
    MailEvent,
    Purpose,
    Subscription,
    Suppression,
)
from outbox.scores import Score
from tests.clock import next_noon
from tests.outbox.test_send import HELLO
from tests.returns import DAY, NOW, Kind, is_stopped, note, states

# --- Scores (N6) --------------------------------------------------------------------------


def test_score_is_a_bucket_that_leaks():
    first = Score(0, 0, NOW).plus(soft=1, at=NOW)
    later = first.plus(soft=1, at=NOW + 15 * DAY)
    assert later.soft == pytest.approx(1.5)
    assert later.plus(at=NOW + 60 * DAY).soft == 0


def test_score_takes_an_older_bounce_for_what_is_left_of_it():
    score = Score(1, 1, NOW).plus(soft=1, hard=1, at=NOW - 15 * DAY)
    assert (score.soft, score.hard) == (pytest.approx(1.5), pytest.approx(2 - 15 / 90))
    assert score.at == NOW


@pytest.mark.parametrize(
    ("days", "stops"), [((0, 0.1, 0.2), True), ((0, 15, 29), True), ((0, 15, 31), False)]
)
@pytest.mark.django_db
def test_three_soft_bounces_within_30_days_suspend(reader, deliver, days, stops):
    for number, day in enumerate(days):
        assert is_stopped(reader) is False, number
        note(Kind.SOFT_BOUNCE, deliver(reader), at=NOW + day * DAY)

    assert is_stopped(reader) is stops
    assert states(reader) == ({"suspended_bounce"} if stops else {"subscribed"})


@pytest.mark.django_db
def test_one_hard_bounce_of_a_newsletter_suspends(reader, deliver):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    assert is_stopped(reader)
    assert states(reader) == {"suspended_bounce"}


@pytest.mark.parametrize(("days", "stops"), [(10, True), (89, True), (91, False)])
@pytest.mark.django_db
def test_two_hard_bounces_of_other_mail_within_90_days_suspend(reader, deliver, days, stops):
    note(Kind.HARD_BOUNCE, deliver(reader))
    assert not is_stopped(reader)
    note(Kind.HARD_BOUNCE, deliver(reader), at=NOW + days * DAY)
    assert is_stopped(reader) is stops


@pytest.mark.django_db
def test_budgeted_mail_weighs_like_a_newsletter(reader, deliver):
    note(Kind.HARD_BOUNCE, deliver(reader, budgeted=True))
    assert is_stopped(reader)


@pytest.mark.django_db
def test_same_mail_counts_once_however_many_tell(reader, deliver):
    """A full mailbox is tried thrice; provider and mailbox both tell of one bounce."""
    delivery = deliver(reader)
    for number in range(4):
        assert note(Kind.SOFT_BOUNCE, delivery, event_id=str(number), at=NOW + number * DAY)
    assert not is_stopped(reader)
    assert AddressScore.objects.get().soft == 1


# --- Once, in any order (F36) -------------------------------------------------------------


@pytest.mark.django_db
def test_event_counts_once(reader, deliver):
    delivery = deliver(reader)
    assert note(Kind.HARD_BOUNCE, delivery) is True
    assert note(Kind.HARD_BOUNCE, delivery) is False
    assert MailEvent.objects.count() == 1
    assert AddressScore.objects.get().hard == 1


@pytest.mark.django_db(transaction=True)
def test_event_told_by_two_at_once_counts_once(reader, deliver):
    delivery = deliver(reader)
    barrier, new = Barrier(4), []

    def tell():
        barrier.wait()
        new.append(note(Kind.HARD_BOUNCE, delivery))
        connection.close()

    threads = [Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False, False, False, True]
    assert AddressScore.objects.get().hard == 1


@pytest.mark.django_db
def test_event_from_before_the_lift_does_not_count(reader, deliver):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    confirm_address_works(person=reader, now=NOW + DAY)

    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True), at=NOW + DAY / 2, now=NOW + 2 * DAY)
    assert not is_stopped(reader)
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True), at=NOW + 3 * DAY)
    assert is_stopped(reader)


@pytest.mark.django_db
def test_event_of_the_future_is_of_now(reader, deliver):
    note(Kind.HARD_BOUNCE, deliver(reader), at=NOW + 400 * DAY, now=NOW)
    assert MailEvent.objects.get().at == NOW


@pytest.mark.django_db
def test_complaint_from_before_a_new_yes_does_not_count(reader, deliver, community):
    update_subscriptions(
        person=reader, scope=community.public_id, kinds=(), source="test", now=NOW - DAY
    )
    update_subscriptions(
        person=reader, scope=community.public_id, kinds={"newsletter"}, source="test", now=NOW
    )
    note(Kind.COMPLAINT, deliver(reader, bulk=True), at=NOW - DAY / 2, now=NOW)
    row = Subscription.objects.get(person=reader, mailing_list__kind="newsletter")
    assert row.state == "subscribed"


# --- Whom it is about ---------------------------------------------------------------------


@pytest.mark.django_db
def test_address_that_nobody_has_leaves_nothing(reader):
    assert note(Kind.COMPLAINT, address="nobody@else.example") is False
    assert not MailEvent.objects.exists()
    assert not AddressScore.objects.exists()


@pytest.mark.django_db
def test_known_address_counts_without_its_mail(reader):
    for number in range(2):
        assert note(Kind.HARD_BOUNCE, address=reader.email.upper(), event_id=str(number))
    assert is_stopped(reader)


@pytest.mark.django_db
def test_subscriber_without_account_is_suspended(community, deliver):
    listing = find_mailing_list(community.public_id, "newsletter")
    row = Subscription.objects.create(
        mailing_list=listing, address="ron@other.example", state="subscribed", changed_at=NOW - DAY
    )
    note(Kind.HARD_BOUNCE, deliver(None, bulk=True, address="ron@other.example"))
    row.refresh_from_db()
    assert row.state == "suspended_bounce"


@pytest.mark.django_db
def test_no_address_is_kept(reader, deliver):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True), detail="<dani1@people.example>: unknown\0")
    for model in (MailEvent, Suppression, AddressScore):
        assert "people.example" not in str(list(model.objects.values()))


@pytest.mark.django_db
def test_delivery_of_a_closed_account_says_nothing(deliver):
    assert note(Kind.HARD_BOUNCE, deliver(None)) is False


# --- Complaint and unsubscribing ----------------------------------------------------------


@pytest.mark.django_db
def test_complaint_ends_every_list(reader, deliver, community, other_community):
    update_subscriptions(
        person=reader, scope=other_community.public_id, kinds={"newsletter"}, source="test",
        now=NOW - DAY,
    )  # fmt: skip
    listing = find_mailing_list(community.public_id, "newsletter")
    for key, fields in {
        "bulk": {"purpose": Purpose.NEWSLETTER, "mailing_list": listing},
        "survey": {"budgeted": True},
        "own": {},
    }.items():
        values = {"kind": "x", "purpose": Purpose.TRANSACTIONAL, "email": HELLO} | fields
        queue_email(key=key, person=reader, scope=community.public_id, **values)

    note(Kind.COMPLAINT, deliver(reader, bulk=True))

    assert states(reader) == {"complained"}
    said = Consent.objects.filter(source="complaint")
    assert said.count() == 3
    assert not any(said.values_list("given", flat=True))
    stopped = Suppression.objects.filter(cause="complained", lifted_at=None)
    assert stopped.count() == 3
    assert not stopped.filter(scope="all").exists()
    waiting = Delivery.objects.filter(key__in=["bulk", "survey", "own"])
    assert dict(waiting.values_list("key", "state")) == {
        "bulk": "skipped",
        "survey": "skipped",
        "own": "queued",
    }


@pytest.mark.django_db
def test_complaint_is_all_or_nothing(reader, deliver, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("outbox.actions.events._suppress", broken)
    with pytest.raises(RuntimeError):
        note(Kind.COMPLAINT, deliver(reader, bulk=True))
    assert states(reader) == {"subscribed"}
    assert not MailEvent.objects.exists()


@pytest.mark.django_db
def test_unsubscribing_at_the_provider_ends_that_list(reader, deliver):
    note(Kind.UNSUBSCRIBE, deliver(reader, bulk=True))
    rows = Subscription.objects.filter(person=reader)
    assert dict(rows.values_list("mailing_list__kind", "state")) == {
        "newsletter": "unsubscribed",
        "invitations": "subscribed",
    }


@pytest.mark.django_db
def test_unsubscribing_without_a_mail_ends_all(reader):
    note(Kind.UNSUBSCRIBE, address=reader.email)
    assert states(reader) == {"unsubscribed"}


# --- At the moment of sending -------------------------------------------------------------


@pytest.mark.django_db
def test_refused_address_is_noted_while_sending(reader, mailbox, community):
    reader.email = "dani+550@people.example"
    reader.save(update_fields=["email"])
    listing = find_mailing_list(community.public_id, "newsletter")
    for key in ("first", "second"):
        queue_email(
            key=key, kind="x", purpose=Purpose.NEWSLETTER, email=HELLO, person=reader,
            mailing_list=listing, scope=community.public_id,
        )  # fmt: skip
        send_due(clock=next_noon)

    rows = Delivery.objects.order_by("created_at").values_list("state", "reason")
    assert list(rows) == [("failed", "bad address"), ("skipped", "address suppressed")]
    assert mailbox.tried == [reader.email]
    assert is_stopped(reader)
    event = MailEvent.objects.get()
    assert (event.provider, event.kind) == ("smtp", "hard_bounce")


@pytest.mark.django_db
def test_security_mail_leaves_all_the_same(reader, deliver, mailbox):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    queue_email(key="code", kind="code", purpose=Purpose.SECURITY, email=HELLO, person=reader)
    assert send_due() == 1


@pytest.mark.django_db
def test_answer_never_breaks_the_sender(reader, deliver, monkeypatch):
    monkeypatch.setattr("outbox.actions.events.note_event", lambda **_: 1 / 0)
    note_answer(deliver(reader), reader.email, "bad_address", "550", NOW)


@pytest.mark.parametrize("outcome", ["sent", "retry", "policy", "refused"])
@pytest.mark.django_db
def test_other_answers_say_nothing_of_the_address(reader, deliver, outcome):
    note_answer(deliver(reader), reader.email, outcome, "550 5.7.1", NOW)
    assert not MailEvent.objects.exists()
