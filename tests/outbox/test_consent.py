"""Each consent is a row with its words, its place and its time; a no outlives the account."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client
from django.utils import translation

from cop.core.models import AuditEvent
from members.models import Community, User
from outbox.actions import (
    find_mailing_list,
    import_addresses,
    unsubscribe_subscription,
    update_subscriptions,
)
from outbox.actions.imports import Outcome
from outbox.addresses import address_hash
from outbox.models import Consent, MailingList, Subscription, Suppression
from outbox.wordings import BOXES, WORDINGS
from tests.factories import NOW

DAY = timedelta(days=1)
# What stood beside the boxes and buttons. Whoever changes a text makes a new version of it.
AS_SHOWN = {
    "2026-11": "a8bb7daebc2e",
    "2026-12": "6cb2fe0c45c9",
    "sign-up 2026-11": "ee28da3478bc",
    "fewer 2026-11": "b6427130f9e4",
    "keep 2026-11": "b5b557fa990d",
}


@pytest.fixture
def newsletter(community: Community) -> MailingList:
    return find_mailing_list(community.public_id, "newsletter")


def tick(person: User, community: Community, *kinds: str, days: int = 0) -> None:
    update_subscriptions(
        person=person,
        scope=community.public_id,
        kinds=kinds,
        source="test",
        now=NOW + days * DAY,
    )


def bring(
    newsletter: MailingList, by: User, *lines: str, ended: date = date(2026, 5, 12), days: int = 0
) -> list[Outcome]:
    done = import_addresses(
        mailing_list=newsletter,
        lines=lines,
        proof="sheet of 12 May",
        ended_on=ended,
        by=by,
        now=NOW + days * DAY,
    )
    return [line.outcome for line in done]


def suppressed(newsletter: MailingList, address: str) -> bool:
    rows = Suppression.objects.filter(scope=newsletter.public_id, lifted_at=None)
    return rows.filter(address_hash=address_hash(address)).exists()


def test_every_change_is_kept_with_words_place_and_time(
    dani: User, community: Community, newsletter: MailingList
) -> None:
    tick(dani, community, "newsletter")
    tick(dani, community, "newsletter", days=1)
    tick(dani, community, days=2)
    kept = Consent.objects.order_by("at").values_list("given", "wording", "source", "at")
    assert list(kept) == [
        (True, BOXES, "test", NOW),
        (False, BOXES, "test", NOW + 2 * DAY),
    ]
    assert {row.address_hash for row in Consent.objects.all()} == {address_hash(dani.email)}
    assert {row.mailing_list for row in Consent.objects.all()} == {newsletter}


def test_a_consent_can_be_neither_rewritten_nor_deleted(dani: User, community: Community) -> None:
    tick(dani, community, "newsletter")
    for change in (
        lambda: Consent.objects.update(given=False),
        lambda: Consent.objects.all().delete(),
    ):
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            change()


def test_a_no_suppresses_the_address_and_a_new_yes_lifts_it(
    dani: User, community: Community, newsletter: MailingList
) -> None:
    tick(dani, community, "newsletter")
    tick(dani, community)
    assert suppressed(newsletter, dani.email)
    tick(dani, community, "newsletter")
    assert not suppressed(newsletter, dani.email)
    # The old no is lifted, not deleted.
    assert Suppression.objects.get().lifted_at == NOW


def test_a_new_yes_lifts_the_no_of_an_earlier_address_too(
    dani: User, community: Community, newsletter: MailingList
) -> None:
    before = dani.email
    tick(dani, community, "newsletter")
    tick(dani, community)
    User.objects.filter(pk=dani.pk).update(email="dani@elsewhere.example")
    dani.refresh_from_db()
    tick(dani, community, "newsletter")
    assert not suppressed(newsletter, before)


def test_a_yes_to_one_list_leaves_a_bounce_alone(
    dani: User, community: Community, newsletter: MailingList
) -> None:
    Suppression.objects.create(address_hash=address_hash(dani.email), cause="bounced", at=NOW)
    tick(dani, community, "newsletter")
    assert Suppression.objects.filter(scope="all", lifted_at=None).exists()


def test_erasing_the_account_keeps_the_proof(
    dani: User, community: Community, newsletter: MailingList
) -> None:
    address = dani.email
    tick(dani, community, "newsletter")
    tick(dani, community)
    dani.delete()
    assert not Subscription.objects.exists()
    assert Consent.objects.filter(subscription=None).count() == 2
    assert suppressed(newsletter, address)


def test_a_no_of_the_address_is_one_of_the_account_with_the_same_address(
    dani: User, community: Community, newsletter: MailingList
) -> None:
    bare = Subscription.objects.create(
        mailing_list=newsletter, address=dani.email, state="subscribed", changed_at=NOW
    )
    tick(dani, community, "newsletter")
    unsubscribe_subscription(subscription=bare, source="mail link", now=NOW)
    assert set(Subscription.objects.values_list("state", flat=True)) == {"unsubscribed"}


def test_lists_that_stood_on_no_form_stay_as_they_are(dani: User, community: Community) -> None:
    tick(dani, community, "newsletter", "ballots")
    update_subscriptions(
        person=dani, scope=community.public_id, kinds={"newsletter"},
        offered=["newsletter", "invitations"], source="test", now=NOW,
    )  # fmt: skip
    assert Subscription.objects.filter(mailing_list__kind="ballots", state="subscribed").exists()


def test_a_text_that_was_agreed_to_never_changes() -> None:
    with translation.override("en"):
        shown = {
            version: sha256("\n".join(map(str, texts)).encode()).hexdigest()[:12]
            for version, texts in WORDINGS.items()
        }
    assert shown == AS_SHOWN


def test_imported_addresses_have_proof_and_end(priya: User, newsletter: MailingList) -> None:
    assert bring(newsletter, priya, "Béa Théberge <Bea@House.example>") == [Outcome.ADDED]
    row = Subscription.objects.get()
    consent = Consent.objects.get()
    assert row.address == "bea@house.example"
    assert row.expires_at.date() == date(2028, 5, 11)
    assert (consent.basis, consent.proof) == ("implied", "sheet of 12 May")
    assert consent.expires_at == row.expires_at
    assert AuditEvent.objects.get(action="addresses_imported").new == "1"


def test_implied_consent_is_over_after_730_days(priya: User, newsletter: MailingList) -> None:
    bring(newsletter, priya, "bea@house.example", ended=NOW.date())
    midnight = NOW.replace(hour=0)
    in_force = Subscription.objects.in_force
    assert in_force(midnight + 730 * DAY - timedelta(seconds=1)).exists()
    assert not in_force(midnight + 730 * DAY).exists()


def test_each_line_says_what_became_of_it(
    priya: User, dani: User, community: Community, newsletter: MailingList
) -> None:
    tick(dani, community)
    Suppression.objects.create(
        address_hash=address_hash("gone@house.example"), cause="bounced", at=NOW
    )
    Suppression.objects.create(
        address_hash=address_hash("no@house.example"), scope=newsletter.public_id,
        cause="unsubscribed", at=NOW,
    )  # fmt: skip
    lines = ["new@house.example", "NEW@house.example;", "", dani.email, "gone@house.example",
             "no@house.example", "not an address", "ʔa@house.example"]  # fmt: skip
    assert bring(newsletter, priya, *lines) == [
        Outcome.ADDED, Outcome.TWICE, Outcome.ACCOUNT, Outcome.REFUSED, Outcome.REFUSED,
        Outcome.WRONG, Outcome.WRONG,
    ]  # fmt: skip
    assert Subscription.objects.get().address == "new@house.example"
    assert bring(newsletter, priya, "new@house.example") == [Outcome.ALREADY]
    assert bring(newsletter, priya, "new@house.example", ended=date(2026, 9, 1)) == [Outcome.LONGER]
    assert bring(newsletter, priya, "new@house.example") == [Outcome.ALREADY]


def test_who_unsubscribed_is_not_brought_back(priya: User, newsletter: MailingList) -> None:
    bring(newsletter, priya, "bea@house.example")
    unsubscribe_subscription(subscription=Subscription.objects.get(), source="x", now=NOW)
    assert bring(newsletter, priya, "bea@house.example") == [Outcome.REFUSED]
    assert Subscription.objects.get().state == "unsubscribed"


DESK = "/desk/outbox/subscription/"


@pytest.mark.parametrize(
    ("who", "reads", "adds"),
    [("visitor", 302, 302), ("dani", 302, 302), ("priya", 200, 200), ("admin", 200, 200)],
)
def test_desk_opens_to_its_staff(
    who: str, reads: int, adds: int, sign_in: Any, request: Any, community: Community
) -> None:
    client = sign_in(request.getfixturevalue(who))
    assert client.get(DESK).status_code == reads
    assert client.get(f"{DESK}add/").status_code == adds


def test_desk_shows_no_other_community(
    dani: User, community: Community, outsider: User, priya: User, sign_in: Any
) -> None:
    tick(dani, community, "newsletter")
    row = Subscription.objects.get()
    assert dani.display_name in sign_in(priya).get(DESK).content.decode()
    assert dani.email in sign_in(priya).get(f"{DESK}{row.pk}/change/").content.decode()
    assert dani.display_name not in sign_in(outsider).get(DESK).content.decode()
    assert sign_in(outsider).get(f"{DESK}{row.pk}/change/").status_code in (302, 403, 404)


def test_desk_adds_with_proof_only(
    community: Community, other_community: Community, priya: User, sign_in: Any
) -> None:
    client: Client = sign_in(priya)
    values = {
        "community": community.pk, "proof": "sheet", "ended_on": "2026-05-12",
        "addresses": "bea@house.example\nwrong",
    }  # fmt: skip
    for change in (
        {"proof": ""}, {"ended_on": ""}, {"ended_on": "2024-01-01"}, {"ended_on": "2999-01-01"},
        {"community": other_community.pk},
    ):  # fmt: skip
        client.post(f"{DESK}add/", values | change)
        assert not Subscription.objects.exists()
    page = client.post(f"{DESK}add/", values | {"do": "add"}).content.decode()
    assert "bea@house.example" in page
    assert "Not an e-mail address (1)" in page
    assert Subscription.objects.get().mailing_list.scope == community.public_id


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_the_same_moment_are_one_change(dani: User, community: Community) -> None:
    def tap(*kinds: str) -> None:
        try:
            tick(dani, community, *kinds)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for kinds in (["newsletter"], [], ["newsletter"]):
            for done in [pool.submit(tap, *kinds) for _tap in range(4)]:
                done.result()
    assert list(Consent.objects.order_by("pk").values_list("given", flat=True)) == [
        True, False, True,
    ]  # fmt: skip
    assert Subscription.objects.get().state == "subscribed"


def test_several_addresses_on_a_line_are_all_told(newsletter: MailingList, priya: User) -> None:
    done = bring(
        newsletter,
        priya,
        "a@new.example, b@new.example; c@new.example",
        "d@new.example e@new.example",
    )
    assert done == [Outcome.ADDED] * 5
    assert bring(newsletter, priya, "Bea Stone <f@new.example>, nobody") == [
        Outcome.ADDED,
        Outcome.WRONG,
    ]
