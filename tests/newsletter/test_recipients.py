"""Who gets an issue, who does not and why; those who pause or read the digest are held back."""

from datetime import timedelta

import pytest

from newsletter.actions import send_issue
from newsletter.recipients import find_readers
from outbox.actions import send_due, unsubscribe_subscription
from outbox.addresses import address_hash
from outbox.models import Delivery, MailBatch, Subscription, Suppression
from tests.clock import next_noon
from tests.factories import NOW, make_member
from tests.newsletter.makers import make_approved, newsletter_list, subscribe

pytestmark = pytest.mark.django_db
LATER = timedelta(weeks=4)


def reader(community, name, **fields):
    person = make_member(community, name)
    row = subscribe(person, community)
    Subscription.objects.filter(pk=row.pk).update(**fields)
    return person


def bare(community, address, **fields):
    values = {"state": "subscribed", "changed_at": NOW} | fields
    return Subscription.objects.create(
        mailing_list=newsletter_list(community), address=address, **values
    )


def test_find_readers_counts_each_reason_once(community, ally):
    make_member(community, "Never asked")
    reader(community, "Reads")
    reader(community, "Pauses", paused_until=NOW + LATER)
    reader(community, "Paused once", paused_until=NOW - LATER)
    reader(community, "Fewer", in_digest=True)
    stopped = make_member(community, "Stopped")
    unsubscribe_subscription(subscription=subscribe(stopped, community), source="t", now=NOW)
    bounced = reader(community, "Bounced")
    Suppression.objects.create(address_hash=address_hash(bounced.email), cause="bounced", at=NOW)
    bare(community, "friend@people.example", expires_at=NOW + LATER)
    bare(community, "old@people.example", expires_at=NOW)
    bare(community, "pending@people.example", state="pending_confirm")
    bare(community, "spam@people.example", state="complained")
    subscribe(ally, community)

    readers = find_readers(community, now=NOW)

    assert readers.counts == {"public": 1, "members_and_allies": 1, "members": 2}
    assert readers.total == 4
    assert readers.left_out == {
        "paused": 1, "in_digest": 1, "unsubscribed": 1, "bounced": 2, "ended": 1,
        "unconfirmed": 1, "not_asked": 1,
    }  # fmt: skip


def test_find_readers_lifted_suppression_counts_no_more(community, dani):
    subscribe(dani, community)
    row = Suppression.objects.create(address_hash=address_hash(dani.email), cause="bounced", at=NOW)
    assert find_readers(community, now=NOW).total == 0

    Suppression.objects.filter(pk=row.pk).update(lifted_at=NOW)
    assert find_readers(community, now=NOW).total == 1


def test_issue_is_frozen_for_those_it_is_held_back_from_too(community, priya, dani, mailbox):
    """So that each of them has an answer to "why did I not get it", and the digest its line."""
    now = next_noon()
    subscribe(dani, community)
    reader(community, "Pauses", paused_until=now + LATER)
    reader(community, "Fewer", in_digest=True)
    issue = make_approved(community, priya)

    assert send_issue(issue=issue, by=priya, now=now) == 1
    batch = MailBatch.objects.get(recipients__gt=0)
    assert batch.recipients == 3
    for content in batch.contents.values():
        assert content["digest_title"] == issue.subject
        assert content["digest_path"] == issue.get_absolute_url()

    assert send_due(clock=lambda: now + timedelta(minutes=6)) == 1
    fates = dict(Delivery.objects.values_list("person__display_name", "reason"))
    assert fates == {
        "Dani Achebe-Roy": "",
        "Pauses": "paused by the person",
        "Fewer": "in the weekly digest",
    }
