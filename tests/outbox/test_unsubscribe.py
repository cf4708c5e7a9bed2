from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cop.core.links import make_token
from members.models import Community, User
from outbox.actions import find_mailing_list, queue_email, send_due, update_subscriptions
from outbox.addresses import address_hash
from outbox.links import unsubscribe_url
from outbox.models import Consent, Delivery, Purpose, Subscription, Suppression
from outbox.readers import address_of
from tests.clock import next_noon
from tests.factories import make_person
from tests.outbox.test_send import HELLO
from tests.smtp import Box


@pytest.fixture
def subscription(dani: User, community: Community) -> Subscription:
    update_subscriptions(
        person=dani,
        scope=community.public_id,
        kinds={"newsletter", "invitations"},
        source="joining",
        now=timezone.now() - timedelta(days=400),
    )
    return Subscription.objects.get(person=dani, mailing_list__kind="newsletter")


def address(subscription: Subscription) -> str:
    return unsubscribe_url(subscription, address_of(subscription)).removeprefix(
        "http://localhost:8000"
    )


def test_get_never_unsubscribes(subscription: Subscription) -> None:
    client = Client(enforce_csrf_checks=True)
    for method in (client.get, client.head, client.get):
        assert method(address(subscription)).status_code == 200
    subscription.refresh_from_db()
    assert subscription.state == "subscribed"


def test_one_click_post_works_without_cookie_and_as_often_as_it_comes(
    subscription: Subscription,
) -> None:
    client = Client(enforce_csrf_checks=True)
    for _ in range(3):
        response = client.post(address(subscription), {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
    subscription.refresh_from_db()
    assert subscription.state == "unsubscribed"
    kept = list(Consent.objects.filter(subscription=subscription).values_list("given", flat=True))
    assert kept == [True, False]


def test_unsubscribing_one_list_leaves_the_other_and_the_membership(
    subscription: Subscription, dani: User, community: Community
) -> None:
    Client().post(address(subscription))
    other = Subscription.objects.get(person=dani, mailing_list__kind="invitations")
    assert other.state == "subscribed"
    assert community.memberships.filter(person=dani, state="active").exists()


def test_unsubscribing_can_be_undone_on_the_same_page(subscription: Subscription) -> None:
    client = Client()
    client.post(address(subscription))
    client.post(address(subscription), {"undo": "1"})
    subscription.refresh_from_db()
    assert subscription.state == "subscribed"


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "é" * 40])
def test_forged_tokens_are_not_found(token: str) -> None:
    assert Client().post(f"/m/{token}/unsubscribe/").status_code == 404
    assert Client().get(f"/m/{token}/choices/").status_code == 404


def test_token_of_another_purpose_is_refused(subscription: Subscription) -> None:
    wrong = make_token("choices", subscription.pk)
    assert Client().post(f"/m/{wrong}/unsubscribe/").status_code == 404


def test_old_links_carry_the_row_alone_and_still_work(subscription: Subscription) -> None:
    old = f"/m/{make_token('unsubscribe', subscription.pk)}/unsubscribe/"
    assert Client().get(old).status_code == 200
    Client().post(old)
    subscription.refresh_from_db()
    assert subscription.state == "unsubscribed"
    subscription.delete()
    assert Client().post(old).status_code == 200


def test_link_works_after_years_and_without_the_account(
    subscription: Subscription, dani: User
) -> None:
    mark, link = address_hash(dani.email), address(subscription)
    assert dani.email not in link
    dani.delete()
    page = Client().get(link).content.decode()
    for _tap in range(3):
        assert Client(enforce_csrf_checks=True).post(link).status_code == 200
    kept = Suppression.objects.get(lifted_at=None)
    assert (kept.address_hash, kept.cause) == (mark, "unsubscribed")
    assert kept.scope == find_mailing_list(subscription.mailing_list.scope, "newsletter").public_id
    # The proof of the yes, and one of the no.
    said = Consent.objects.filter(mailing_list=subscription.mailing_list).order_by("pk")
    assert list(said.values_list("given", flat=True)) == [True, False]
    # Nothing on the page tells that the account is gone.
    assert "Stop this mail?" in page


def test_an_old_link_stops_whoever_came_back_under_the_same_address(
    subscription: Subscription, dani: User, community: Community
) -> None:
    email, link = dani.email, address(subscription)
    dani.delete()
    again = make_person("Dani", email=email)
    update_subscriptions(
        person=again, scope=community.public_id, kinds={"newsletter"}, source="x",
        now=timezone.now(),
    )  # fmt: skip
    Client().post(link)
    assert Subscription.objects.get(person=again).state == "unsubscribed"


def test_double_click_at_once_stops_once(subscription: Subscription) -> None:
    link = address(subscription)
    answers = [Client().post(link) for _tap in range(2)]
    assert {one.status_code for one in answers} == {200}
    assert Consent.objects.filter(subscription=subscription, given=False).count() == 1
    assert Suppression.objects.count() == 1


def test_unsubscribed_mail_that_waits_never_leaves(
    subscription: Subscription, dani: User, mailbox: Box
) -> None:
    queue_email(
        key="n2", kind="newsletter", purpose=Purpose.NEWSLETTER, email=HELLO, person=dani,
        mailing_list=subscription.mailing_list,
    )  # fmt: skip
    Client().post(address(subscription))
    send_due()
    assert mailbox.messages == []
    assert Delivery.objects.get(key="n2").reason == "unsubscribed"


def test_the_mail_carries_the_link_and_choices_work_without_signing_in(
    subscription: Subscription, dani: User, community: Community, mailbox: Box
) -> None:
    listing = find_mailing_list(community.public_id, "newsletter")
    email = HELLO.__class__(
        subject="Issue", text="%%UNSUBSCRIBE_URL%% %%CHOICES_URL%%", html="<p>%%CHOICES_URL%%</p>"
    )
    queue_email(
        key="n1",
        kind="newsletter",
        purpose=Purpose.NEWSLETTER,
        email=email,
        person=dani,
        mailing_list=listing,
        scope=community.public_id,
    )
    send_due(clock=next_noon)

    message = mailbox.last
    one_click = message["List-Unsubscribe"].strip(" <>")
    stop, choices = message.get_body(("plain",)).get_content().split()
    assert stop == one_click
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert dani.email not in stop + choices
    assert "%%" not in message.as_string()

    path = choices.replace("http://localhost:8000", "")
    page = Client().get(path)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert dani.display_name not in page.content.decode()
    Client().post(path, {"lists": ["weekly_digest"]})
    chosen = set(
        Subscription.objects.filter(person=dani, state="subscribed").values_list(
            "mailing_list__kind", flat=True
        )
    )
    assert chosen == {"weekly_digest"}


def test_never_chosen_leaves_no_trace(dani: User, community: Community) -> None:
    update_subscriptions(
        person=dani, scope=community.public_id, kinds=set(), source="joining", now=timezone.now()
    )
    assert not Subscription.objects.filter(person=dani).exists()
    assert not Delivery.objects.filter(person=dani).exists()
