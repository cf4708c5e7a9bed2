from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Community
from outbox.actions import find_mailing_list, queue_batch, send_due
from outbox.models import Delivery, MailBatch, Subscription
from tests.clock import next_noon
from tests.outbox.test_queue import TEXT
from tests.smtp import Box

pytestmark = pytest.mark.django_db


def make_batch(community: Community, addresses: list[str]) -> MailBatch:
    listing = find_mailing_list(community.public_id, "newsletter")
    rows = Subscription.objects.bulk_create(
        Subscription(
            mailing_list=listing, address=address, state="subscribed", changed_at=timezone.now()
        )
        for address in addresses
    )
    return queue_batch(
        key="n", kind="newsletter", mailing_list=listing, contents=TEXT,
        recipients=Subscription.objects.filter(pk__in=[row.pk for row in rows]), now=next_noon(),
    )  # fmt: skip


def test_too_many_failures_pause_the_batch_until_a_person_resumes_it(
    community: Community, mailbox: Box
) -> None:
    batch = make_batch(community, [f"p{n}+550@people.example" for n in range(30)])
    noon = next_noon()
    assert send_due(clock=lambda: noon) == 0

    batch.refresh_from_db()
    assert (batch.state, batch.reason) == ("paused", "too many failures")
    assert Delivery.objects.filter(state="failed").count() == 5
    assert Delivery.objects.filter(state="queued").count() == 25

    MailBatch.objects.update(state="sending", resumed_at=noon)
    send_due(clock=lambda: noon + timedelta(seconds=1))
    assert Delivery.objects.filter(state="failed").count() == 10, "a new budget from there on"


def test_a_few_dead_addresses_among_many_pause_nothing(community: Community, mailbox: Box) -> None:
    good = [f"good{n}@people.example" for n in range(120)]
    bad = [f"bad{n}+550@people.example" for n in range(4)]
    batch = make_batch(community, good + bad)
    noon = next_noon()
    assert send_due(clock=lambda: noon) == 120
    batch.refresh_from_db()
    assert batch.state == "sending"


def test_mail_refused_for_our_sake_pauses_the_batch_at_once(
    community: Community, mailbox: Box
) -> None:
    batch = make_batch(community, [f"p{n}+policy@people.example" for n in range(3)])
    noon = next_noon()
    send_due(clock=lambda: noon)
    batch.refresh_from_db()
    assert (batch.state, batch.reason) == ("paused", "policy")
    assert Delivery.objects.filter(state="failed").count() == 1
