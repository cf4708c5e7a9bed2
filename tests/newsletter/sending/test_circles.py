"""Somebody leaves the circle between freezing and leaving: their edition is asked again (G3)."""

from datetime import timedelta

import pytest
from django.db.models import Count, F

from members.models import Affiliation, Membership, RoleGrant
from newsletter.actions import send_issue
from newsletter.circles import RINGS
from newsletter.models import IssueItem
from newsletter.recipients import insider_ids
from outbox import circles
from outbox.actions import find_mailing_list, queue_batch, send_due
from outbox.actions.batches import INSERT
from outbox.circles import Circle, belongs, circle_of, wider_keys
from outbox.models import Delivery, MailBatch, Subscription
from tests.clock import next_noon
from tests.conftest import CAST
from tests.factories import NOW, make_member, make_organization, make_person
from tests.newsletter.makers import make_approved, newsletter_list, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_its_way(community, priya, dani):
    """Frozen, with Dani in the members' edition; due in six minutes."""
    now = next_noon()
    subscribe(dani, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=now)
    row = Delivery.objects.get(kind="newsletter")
    assert row.batch.key.endswith(":members")
    return issue, now + timedelta(minutes=6)


def leave(person):
    Membership.objects.filter(person=person).update(state="lapsed", ended_on=NOW.date())


def body_of(mailbox):
    return mailbox.last.get_body(("plain",)).get_content()


def test_who_left_meanwhile_gets_the_public_edition(on_its_way, dani, mailbox):
    _issue, later = on_its_way
    leave(dani)

    assert send_due(clock=lambda: later) == 1

    assert "Open to all" in body_of(mailbox)
    assert "For us and allies" not in body_of(mailbox)
    assert "For members" not in body_of(mailbox)
    row = Delivery.objects.get(kind="newsletter")
    assert (row.state, row.attempts) == ("sent", 1)
    assert row.batch.key.endswith(":public")


def test_control_without_asking_again_they_get_the_members_edition(
    on_its_way, dani, mailbox, monkeypatch
):
    _issue, later = on_its_way
    leave(dani)
    monkeypatch.setitem(circles._rings, "newsletter:", [])

    assert send_due(clock=lambda: later) == 1

    assert "For members" in body_of(mailbox)


def test_who_became_an_ally_gets_the_edition_of_allies(on_its_way, dani, mailbox):
    _issue, later = on_its_way
    Membership.objects.filter(person=dani).update(category="ally")

    assert send_due(clock=lambda: later) == 1

    assert "For us and allies" in body_of(mailbox)
    assert "For members" not in body_of(mailbox)


def test_who_began_to_work_for_a_funder_gets_the_public_edition(on_its_way, dani, mailbox):
    _issue, later = on_its_way
    house = make_organization("Ministry", is_regulator_or_funder=True)
    Affiliation.objects.create(person=dani, organization=house, state="confirmed")

    assert send_due(clock=lambda: later) == 1

    assert "For us and allies" not in body_of(mailbox)


def test_who_stayed_gets_what_was_meant_for_them(on_its_way, mailbox):
    _issue, later = on_its_way

    assert send_due(clock=lambda: later) == 1

    assert "For members" in body_of(mailbox)


def test_who_left_and_stopped_it_gets_nothing(on_its_way, dani, mailbox):
    _issue, later = on_its_way
    leave(dani)
    Subscription.objects.filter(person=dani).update(state="unsubscribed")

    assert send_due(clock=lambda: later) == 0

    assert Delivery.objects.get(kind="newsletter").reason == "not subscribed"


def test_the_numbers_of_both_batches_stay_true(on_its_way, dani, mailbox):
    _issue, later = on_its_way
    leave(dani)
    send_due(clock=lambda: later)

    counted = MailBatch.objects.annotate(rows=Count("deliveries"))
    assert not counted.exclude(rows=F("recipients")).exists()


def test_without_a_wider_edition_they_are_left_out(on_its_way, dani, mailbox):
    _issue, later = on_its_way
    leave(dani)
    MailBatch.objects.exclude(key__endswith=":members").delete()

    assert send_due(clock=lambda: later) == 0

    row = Delivery.objects.get(kind="newsletter")
    assert (row.state, row.reason) == ("skipped", "left the community")


def test_a_paused_batch_moves_nobody(on_its_way, dani, mailbox):
    _issue, later = on_its_way
    leave(dani)
    MailBatch.objects.update(state="paused")

    assert send_due(clock=lambda: later) == 0
    assert Delivery.objects.get(kind="newsletter").batch.key.endswith(":members")


@pytest.mark.parametrize("edition", ["members", "members_and_allies"])
def test_fence_and_freezing_mean_the_same_people(request, community, edition):
    """The written-out condition of the fence against the query of the freezing, over the cast and
    every kind of tie there is."""
    people = [request.getfixturevalue(name) for name in CAST if name != "visitor"]
    for state in set(Membership.State.values) - {"suspended"}:
        for category in Membership.Category.values:
            name = f"{state} {category}"
            people.append(make_member(community, name, state=state, category=category))
    for role in RoleGrant.Role.values:
        for starts, ends in ((0, None), (-9, -1), (1, None), (-9, 0)):
            one = make_person(f"{role} {starts}")
            day = NOW.date()
            RoleGrant.objects.create(
                person=one,
                community=community,
                role=role,
                starts_on=day + timedelta(days=starts),
                ends_on=None if ends is None else day + timedelta(days=ends),
            )
            people.append(one)
    rows = Delivery.objects.bulk_create(
        Delivery(
            key=f"t:{one.pk}", purpose="newsletter", kind="newsletter", priority=1, person=one,
            scope=community.public_id, due_at=NOW, mailing_list=newsletter_list(community),
        )
        for one in people
    )  # fmt: skip
    circle = circle_of(f"newsletter:x:1:{edition}")

    found = {row.person_id for row in rows if belongs(row, circle, now=NOW)}

    inside = insider_ids(community, edition, now=NOW) & {one.pk for one in people if one.is_active}
    assert found == inside
    assert len(found) > 5
    assert len(found) < len(people) - 5


def test_circle_of_knows_only_what_was_registered():
    assert list(RINGS) == [edition.value for edition in reversed(IssueItem.Edition)]
    assert circle_of("newsletter:x:1:public") == Circle("public", "")
    assert circle_of("weekly_digest:x:1:members") == circles.EVERYBODY
    assert [key for key, _circle in wider_keys("newsletter:x:1:members")] == [
        "newsletter:x:1:members_and_allies",
        "newsletter:x:1:public",
    ]
    assert not list(wider_keys("weekly_digest:x:1:members"))


# --- one mail for each address (N3) ---


def freeze_twice(community, dani, **once):
    """The account in one batch, the bare address in another: the query would not find that."""
    account = subscribe(dani, community)
    bare = Subscription.objects.create(
        mailing_list=newsletter_list(community),
        address=dani.email.upper(),
        state="subscribed",
        changed_at=NOW,
    )
    for number, row in enumerate((account, bare)):
        queue_batch(
            key=f"newsletter:x:1:{number}",
            kind="newsletter",
            mailing_list=find_mailing_list(community.public_id, "newsletter"),
            contents={"en": {"subject": "s", "text": "t", "html": "h"}},
            recipients=Subscription.objects.filter(pk=row.pk),
            now=NOW,
            **once,
        )
    return [batch.recipients for batch in MailBatch.objects.order_by("key")]


def test_account_and_bare_address_get_one_mail_across_editions(community, dani):
    assert freeze_twice(community, dani, once="newsletter:x:1:") == [1, 0]
    [row] = Delivery.objects.all()
    assert dani.email.split("@")[0] not in row.key


def test_control_without_the_key_of_the_address_they_get_two(community, dani):
    assert freeze_twice(community, dani) == [1, 1]


def test_another_sending_of_the_issue_is_another_mail(community, dani):
    freeze_twice(community, dani, once="newsletter:x:1:")
    MailBatch.objects.update(key=F("id"))
    Subscription.objects.filter(person=None).delete()

    assert sum(freeze_again(community, dani)) == 1


def freeze_again(community, dani):
    batch = queue_batch(
        key="newsletter:x:2:members",
        kind="newsletter",
        mailing_list=newsletter_list(community),
        contents={"en": {"subject": "s", "text": "t", "html": "h"}},
        recipients=Subscription.objects.filter(person=dani),
        now=NOW,
        once="newsletter:x:2:",
    )
    return [batch.recipients]


def test_insert_asks_no_zone_of_the_database():
    assert "AT TIME ZONE" not in INSERT
