from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cop.core.mail import Email
from cop.core.time import to_instant
from members.models import Community, User
from outbox.actions import (
    Outgoing,
    cancel_deliveries,
    find_mailing_list,
    queue_batch,
    queue_emails,
    send_due,
    update_subscriptions,
)
from outbox.models import Delivery, MailBatch, MailHold, Purpose, Subscription
from tests.clock import next_noon
from tests.factories import make_person
from tests.smtp import Box

pytestmark = pytest.mark.django_db
TEXT = {
    "en": {"subject": "Été", "text": "Stop: %%UNSUBSCRIBE_URL%%\n", "html": "<p>%%CHOICES_URL%%"},
    "fr": {"subject": "Été", "text": "Fin : %%UNSUBSCRIBE_URL%%\n", "html": "<p>%%CHOICES_URL%%"},
}


def outgoing(key: str, **more: Any) -> Outgoing:
    email = Email(subject="Hello", text="Hello\n", html="<p>Hello</p>")
    values = {"kind": "test", "purpose": Purpose.TRANSACTIONAL, "email": email}
    return Outgoing(key=key, **(values | {"address": "p@people.example"} | more))


def everybody(community: Community, people: list[User]) -> Any:
    now = timezone.now()
    for person in people:
        update_subscriptions(
            person=person, scope=community.public_id, kinds={"newsletter"}, source="t", now=now
        )
    listing = find_mailing_list(community.public_id, "newsletter")
    return listing, Subscription.objects.filter(mailing_list=listing)


def test_queue_emails_counts_what_is_new_and_repeats_nothing() -> None:
    assert queue_emails([outgoing("a"), outgoing("b"), outgoing("b")]) == 2
    assert queue_emails([outgoing("a"), outgoing("c")]) == 1
    assert queue_emails([]) == 0
    assert Delivery.objects.count() == 3


def test_queue_emails_takes_as_many_statements_for_a_thousand_as_for_one() -> None:
    with CaptureQueriesContext(
        connection,
    ) as one:
        queue_emails([outgoing("one", scope="every")])
    with CaptureQueriesContext(connection) as many:
        queue_emails([outgoing(f"k{n}", scope="every") for n in range(1000)])
    assert len(many) == len(one)


@pytest.mark.parametrize(
    ("action", "state", "reason"),
    [("hold", "paused", "held by staff"), ("cancel", "cancelled", "stopped by staff")],
)
def test_a_word_of_staff_counts_for_what_is_queued_later(
    action: str, state: str, reason: str
) -> None:
    now = timezone.now()
    MailHold.objects.create(scope="every", prefix="reminder:m1:", action=action, at=now)
    queue_emails(
        [
            outgoing("reminder:m1:7", scope="every"),
            outgoing("reminder:m2:7", scope="every"),
            outgoing("reminder:m1:8", scope="other"),
            outgoing("reminder:m1:9", scope="every", purpose=Purpose.SECURITY),
        ]
    )
    found = {row.key: (row.state, row.reason) for row in Delivery.objects.all()}
    assert found["reminder:m1:7"] == (state, reason)
    others = {found[key] for key in ("reminder:m2:7", "reminder:m1:8", "reminder:m1:9")}
    assert others == {("queued", "")}


def test_a_held_mail_waits_for_its_release(mailbox: Box) -> None:
    queue_emails([outgoing("a", held="waits for release")])
    assert send_due() == 0
    Delivery.objects.update(state="queued", reason="")
    assert send_due() == 1


def test_queue_batch_freezes_all_in_one_insert(community: Community, mailbox: Box) -> None:
    people = [make_person(f"P{n}") for n in range(30)]
    User.objects.filter(pk=people[0].pk).update(language="fr")
    listing, rows = everybody(community, people)
    Subscription.objects.create(
        mailing_list=listing,
        address="out@side.example",
        state="subscribed",
        changed_at=timezone.now(),
    )
    noon = next_noon()
    values = {"mailing_list": listing, "contents": TEXT, "recipients": rows, "now": noon}
    with CaptureQueriesContext(connection) as captured:
        batch = queue_batch(key="newsletter:1", kind="newsletter", **values)
    assert len(captured) < 12
    assert batch.recipients == 31

    assert queue_batch(key="newsletter:1", kind="newsletter", **values).pk == batch.pk
    assert Delivery.objects.count() == 31
    french = Delivery.objects.get(person=people[0])
    assert (french.language, french.host, french.budgeted) == ("fr", "people.example", True)

    assert send_due(clock=lambda: noon) == 31
    assert {message["Subject"] for message in mailbox.messages} == {"Été"}
    [letter] = mailbox.to("out@side.example")
    assert "%%" not in letter.as_string()
    stop = letter["List-Unsubscribe"].split(">")[0].strip("<")
    assert stop in letter.get_body(("plain",)).get_content()


def test_queue_batch_leaves_people_their_quiet_hours(community: Community) -> None:
    far = make_person("Far")
    User.objects.filter(pk=far.pk).update(timezone="America/St_Johns")
    near = make_person("Near")
    listing, rows = everybody(community, [far, near])
    today = timezone.now().date() + timedelta(days=1)
    evening = to_instant(today, time(18), "America/Vancouver")  # 22:30 in St. John's
    queue_batch(
        key="n", kind="newsletter", mailing_list=listing, contents=TEXT, recipients=rows,
        now=evening,
    )  # fmt: skip
    assert Delivery.objects.get(person=near).due_at == evening
    morning = to_instant(today + timedelta(days=1), time(7), "America/St_Johns")
    assert Delivery.objects.get(person=far).due_at == morning


def test_late_mail_to_many_waits_for_the_morning(community: Community, mailbox: Box) -> None:
    near = make_person("Near")
    listing, rows = everybody(community, [near])
    noon = next_noon()
    queue_batch(
        key="n", kind="newsletter", mailing_list=listing, contents=TEXT, recipients=rows, now=noon
    )
    # The server was away until ten in the evening.
    assert send_due(clock=lambda: noon + timedelta(hours=10)) == 0
    row = Delivery.objects.get()
    assert (row.state, row.reason, row.attempts) == ("queued", "waits for the morning", 0)
    assert send_due(clock=lambda: noon + timedelta(hours=19, minutes=1)) == 1


def test_a_batch_that_staff_held_beforehand_is_paused(community: Community, mailbox: Box) -> None:
    listing, rows = everybody(community, [make_person("One")])
    MailHold.objects.create(
        scope=community.public_id, prefix="newsletter:9", action="hold", at=timezone.now()
    )
    noon = next_noon()
    batch = queue_batch(
        key="newsletter:9:public", kind="newsletter", mailing_list=listing, contents=TEXT,
        recipients=rows, now=noon,
    )  # fmt: skip
    assert (batch.state, batch.reason) == ("paused", "held by staff")
    assert send_due(clock=lambda: noon) == 0
    MailBatch.objects.update(state="sending")
    assert send_due(clock=lambda: noon) == 1


def test_cancel_deliveries_goes_by_the_beginning_of_the_key() -> None:
    queue_emails([outgoing("a:1"), outgoing("a:2"), outgoing("ab:1")])
    assert cancel_deliveries(prefix="a:", reason="taken back", now=timezone.now()) == 2
