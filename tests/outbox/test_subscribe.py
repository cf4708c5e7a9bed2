"""The newsletter for people without an account: nothing before they confirm."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from members.models import Community, User
from outbox.actions import (
    find_mailing_list,
    import_addresses,
    purge_pending,
    send_due,
    unsubscribe_subscription,
)
from outbox.actions.signup import request_subscription
from outbox.models import Consent, Delivery, Subscription, Suppression
from outbox.wordings import SIGNED_UP
from tests.factories import NOW
from tests.smtp import Box

PAGE = "/every-door/newsletter/subscribe/"
BEA = "bea@house.example"


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    """The limit for one computer counts in the cache."""
    cache.clear()


def ask(address: str, **values: str) -> Any:
    """In a browser without a cookie."""
    return Client(enforce_csrf_checks=True).post(PAGE, {"address": address, **values})


def link() -> str:
    """The confirming link in the newest mail."""
    mail = Delivery.objects.latest("created_at")
    return re.search(r"http://localhost:8000(/m/\S+/confirm/)", mail.text)[1]


@pytest.mark.parametrize("path", ["/every-door/newsletter/", "/every-door/", PAGE])
def test_form_stands_where_visitors_look(community: Community, path: str) -> None:
    page = Client().get(path).content.decode()
    assert f'action="{PAGE}"' in page
    assert "Each one has a link that stops it." in page


def test_double_opt_in(community: Community) -> None:
    assert ask(" Bea@House.Example ").status_code == 302
    row = Subscription.objects.get()
    assert (row.state, row.address) == ("pending_confirm", BEA)
    assert not Consent.objects.exists()

    path = link()
    for method in (Client().get, Client().head):
        assert method(path).status_code == 200
    row.refresh_from_db()
    assert row.state == "pending_confirm"

    for _tap in range(2):
        page = Client(enforce_csrf_checks=True).post(path, follow=True)
        assert page.status_code == 200
    row.refresh_from_db()
    consent = Consent.objects.get()
    assert row.state == "subscribed"
    assert (consent.given, consent.basis) == (True, "express")
    assert (consent.wording, consent.source) == (SIGNED_UP, "double opt-in")
    assert "choices/" in page.content.decode()
    assert BEA not in page.content.decode()


def test_confirming_mail_says_who_writes_and_shows_no_address(
    community: Community, mailbox: Box
) -> None:
    ask(BEA)
    send_due()
    message = mailbox.to(BEA)[-1]
    text = message.get_body(("plain",)).get_content()
    assert community.name in message["Subject"]
    assert "%%" not in message.as_string()
    assert BEA not in text
    assert "Was it not you? Then do nothing" in text
    assert message["List-Unsubscribe"] is None


def test_confirming_mail_shows_its_link_once_in_each_part(
    community: Community, mailbox: Box
) -> None:
    """The button in the HTML part; in the text, the link as it is."""
    ask(BEA)
    path = link()
    send_due()
    text, html = (mailbox.to(BEA)[-1].get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert text.count(path) == 1
    assert html.count(path) == 1
    assert f'{path}"' in html
    for part in (text, html):
        assert "ou, or somebody else, asked for the newsletter of" in part


def test_answer_is_the_same_for_known_and_unknown(community: Community, dani: User) -> None:
    answers = [ask(address) for address in (BEA, BEA, dani.email, "other@house.example")]
    assert {(one.status_code, one["Location"]) for one in answers} == {(302, f"{PAGE}?sent=1")}
    assert len({one.content for one in answers}) == 1
    assert Delivery.objects.count() == 3


def test_an_account_is_subscribed_itself(community: Community, dani: User) -> None:
    ask(dani.email.upper())
    mail = Delivery.objects.get()
    assert "This address has an account" in mail.text
    assert mail.person is None
    assert not Subscription.objects.exists()
    Client().post(link())
    assert Subscription.objects.get().person == dani


def test_an_account_made_in_the_meantime_takes_over(community: Community, dani: User) -> None:
    ask(BEA)
    User.objects.filter(pk=dani.pk).update(email=BEA)
    Client().post(link())
    assert Subscription.objects.get().person == dani


def test_link_opened_again_says_that_it_is_done(community: Community) -> None:
    ask(BEA)
    path = link()
    assert "One tap to go" in Client().get(path).content.decode()

    done = Client().post(path, follow=True)

    assert done.redirect_chain == [(f"{path}?done=1", 302)]
    assert "You are on the list" in done.content.decode()
    again = Client().get(path).content.decode()
    assert "You already get it" in again
    assert '<form method="post"' not in again.partition("<main")[2].partition("</main>")[0]


def test_one_mail_an_hour_for_each_address(community: Community) -> None:
    for minutes in (0, 1, 30, 70):
        request_subscription(
            mailing_list=find_mailing_list(community.public_id, "newsletter"),
            address=BEA,
            language="en",
            frame={"sender_name": "Every Door"},
            now=NOW + timedelta(minutes=minutes),
        )
    assert Delivery.objects.count() == 2
    assert Subscription.objects.count() == 1


def test_one_computer_cannot_ask_for_everybody(community: Community, settings: Any) -> None:
    for number in range(25):
        assert ask(f"person{number}@house.example").status_code == 302
    assert Delivery.objects.count() == 20


@pytest.mark.parametrize(
    "address",
    ["", "x", "a@b", "a b@c.example", "é@c.example", "a@b.c\0"],
)
def test_a_wrong_address_is_said_kindly(community: Community, address: str) -> None:
    response = ask(address)
    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.content.decode()
    assert not Delivery.objects.exists()


def test_too_much_before_the_at_sign_is_said_as_that(community: Community) -> None:
    """RFC 5321, 4.5.3.1.1: 64 at most."""
    page = ask(f"{'a' * 65}@b.example").content.decode()
    assert "the part before the @ can have 64 letters at most" in page
    assert 'aria-invalid="true"' in page
    assert not Delivery.objects.exists()
    assert ask(f"{'a' * 64}@b.example").status_code == 302
    assert Delivery.objects.count() == 1


def test_a_machine_gets_the_same_answer_and_no_mail(community: Community) -> None:
    assert ask(BEA, website="https://x.example")["Location"] == f"{PAGE}?sent=1"
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()


def test_pending_addresses_are_forgotten_after_a_week(community: Community) -> None:
    ask(BEA)
    path, now = link(), timezone.now()
    assert purge_pending(now=now + timedelta(days=6)) == 0
    assert purge_pending(now=now + timedelta(days=8)) == 1
    page = Client().get(path)
    assert page.status_code == 410
    assert "This link is too old" in page.content.decode()
    assert Client().post(path).status_code == 410


def test_a_yes_ends_the_clock_of_an_implied_one(community: Community, priya: User) -> None:
    import_addresses(
        mailing_list=find_mailing_list(community.public_id, "newsletter"), lines=[BEA],
        proof="sheet", ended_on=NOW.date(), by=priya, now=NOW,
    )  # fmt: skip
    ask(BEA)
    Client().post(link())
    row = Subscription.objects.get()
    assert (row.state, row.expires_at) == ("subscribed", None)
    assert list(Consent.objects.order_by("pk").values_list("basis", flat=True)) == [
        "implied", "express",
    ]  # fmt: skip


def test_who_stopped_may_come_back_by_confirming(community: Community) -> None:
    ask(BEA)
    path = link()
    Client().post(path)
    unsubscribe_subscription(subscription=Subscription.objects.get(), source="x", now=NOW)
    assert Suppression.objects.filter(lifted_at=None).exists()
    Client().post(path)
    assert Subscription.objects.get().state == "subscribed"
    assert not Suppression.objects.filter(lifted_at=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "a:b:c", "é" * 40])
def test_forged_links_are_not_found(token: str) -> None:
    assert Client().post(f"/m/{token}/confirm/").status_code == 404
