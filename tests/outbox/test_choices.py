"""The page of choices: reached from each mail without signing in, and on the own page."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cop.core.links import make_token
from members.models import Community, User
from outbox.actions import (
    find_mailing_list,
    import_addresses,
    unsubscribe_subscription,
    update_subscriptions,
)
from outbox.choices import Choices, mails_a_month, read_choices, say_mails
from outbox.links import address_choices_url, choices_url, unsubscribe_url
from outbox.models import Consent, Subscription
from outbox.readers import Reader
from outbox.wordings import FOLDED, KEPT
from tests.factories import NOW

HOST = "http://localhost:8000"
WEEK = timedelta(weeks=1)


def tick(person: User, community: Community, *kinds: str) -> None:
    update_subscriptions(
        person=person, scope=community.public_id, kinds=kinds, source="test", now=NOW
    )


def page_of(person: User, community: Community) -> str:
    return choices_url(person, community.public_id).removeprefix(HOST)


def on(person: User) -> set[str]:
    rows = Subscription.objects.filter(person=person, state="subscribed")
    return set(rows.values_list("mailing_list__kind", flat=True))


def folded(person: User) -> set[str]:
    rows = Subscription.objects.filter(person=person, in_digest=True)
    return set(rows.values_list("mailing_list__kind", flat=True))


def choices_of(person: User, community: Community) -> Choices:
    return read_choices(Reader(person), community.public_id, now=timezone.now())


def press(path: str, do: str, **values: Any) -> str:
    """One press of a button, in a browser that keeps no cookie; the page that follows."""
    client = Client(enforce_csrf_checks=True)
    answer = client.post(path, {"do": do, **values})
    assert answer.status_code == 302
    return Client().get(answer["Location"]).content.decode()


@pytest.fixture
def bare(community: Community, priya: User) -> Subscription:
    """An address without an account, on the newsletter by implied consent."""
    import_addresses(
        mailing_list=find_mailing_list(community.public_id, "newsletter"),
        lines=["bea@house.example"],
        proof="sheet",
        ended_on=date(2026, 5, 12),
        by=priya,
        now=NOW,
    )
    return Subscription.objects.get(address="bea@house.example")


@pytest.mark.parametrize(
    ("kinds", "count"),
    [
        ([], 0),
        (["newsletter", "invitations"], 2),
        (["weekly_digest"], 4),
        (["newsletter", "weekly_digest", "invitations"], 6),
        (["newsletter", "weekly_digest", "invitations", "discussion"], 6),
    ],
)
def test_mails_a_month_is_rounded_up_and_never_over_the_budget(
    kinds: list[str], count: int
) -> None:
    assert mails_a_month(kinds) == count


def test_say_mails_says_half_a_mail_as_people_do() -> None:
    assert say_mails(1) == "With this choice 1 mail comes in two months."
    assert say_mails(2) == "With this choice you get about 1 mail a month, at most."
    assert say_mails(11) == "With this choice you get about 6 mails a month, at most."


def test_page_shows_no_box_ticked_to_whom_chose_nothing(dani: User, community: Community) -> None:
    page = Client().get(page_of(dani, community)).content.decode()
    assert page.count('type="checkbox"') == 4
    assert " checked" not in page
    assert "With this choice no mail comes." in page
    press(page_of(dani, community), "save")
    assert not Subscription.objects.exists()
    assert not Consent.objects.exists()


def test_page_tells_nobody_whose_it_is(dani: User, community: Community) -> None:
    User.objects.filter(pk=dani.pk).update(display_name="ʔaƛ x̱wəsala Théberge")
    tick(dani, community, "newsletter")
    response = Client().get(page_of(dani, community))
    page = response.content.decode()
    assert "Théberge" not in page
    assert dani.email not in page
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_looking_changes_nothing(dani: User, community: Community) -> None:
    tick(dani, community, "newsletter")
    before = list(Subscription.objects.values())
    path = page_of(dani, community)
    for method in (Client().get, Client().head):
        for query in ("", "?do=stop", "?did=stop&was=ballots&was=x", "?did=nonsense"):
            assert method(f"{path}{query}").status_code == 200
    assert list(Subscription.objects.values()) == before


def test_saving_says_what_comes(dani: User, community: Community) -> None:
    page = press(page_of(dani, community), "save", lists=["newsletter", "weekly_digest"])
    assert on(dani) == {"newsletter", "weekly_digest"}
    assert "It counts from now on." in page
    assert "you get about 5 mails a month, at most" in page


def test_fewer_puts_all_into_the_digest_and_is_a_yes_to_it(
    dani: User, community: Community
) -> None:
    tick(dani, community, "newsletter", "invitations")
    for _tap in range(2):
        page = press(page_of(dani, community), "fewer")
    assert "one mail a week at most, with everything in it" in page
    assert on(dani) == {"newsletter", "invitations", "weekly_digest"}
    assert folded(dani) == {"invitations"}
    assert Consent.objects.filter(wording=FOLDED, given=True).count() == 1

    page = press(page_of(dani, community), "each")
    assert folded(dani) == set()
    assert "each mail comes on its own again" in page


def test_fewer_says_what_comes_beside_it(dani: User, community: Community) -> None:
    """The newsletter stays a mail of its own, and the number a month counts it."""
    apart = "The newsletter still comes on its own, every two months."
    tick(dani, community, "newsletter", "invitations", "weekly_digest")
    assert apart in Client().get(page_of(dani, community)).content.decode()
    promised = choices_of(dani, community).folded

    page = press(page_of(dani, community), "fewer")

    assert f"with everything in it. {apart}" in page
    assert page.count(apart) == 2  # what was done, and how it stands
    assert promised == mails_a_month(["newsletter", "weekly_digest"])
    assert f"you get about {promised} mails a month, at most" in page
    press(page_of(dani, community), "save", lists=["invitations", "weekly_digest"])
    assert apart not in press(page_of(dani, community), "fewer")


def test_what_comes_inside_the_digest_counts_alone_without_it(
    dani: User, community: Community
) -> None:
    tick(dani, community, "newsletter", "invitations", "weekly_digest")
    page = press(page_of(dani, community), "fewer")
    assert 'data-mails="0" data-alone="2"' in page
    page = press(page_of(dani, community), "save", lists=["newsletter", "invitations"])
    assert "you get about 2 mails a month, at most" in page


def test_fewer_is_called_so_only_where_it_is(dani: User, community: Community) -> None:
    tick(dani, community, "invitations")
    assert not choices_of(dani, community).is_fewer
    tick(dani, community, "invitations", "weekly_digest", "newsletter")
    assert choices_of(dani, community).is_fewer
    tick(dani, community, "newsletter")
    assert not choices_of(dani, community).may_fold


def test_without_the_digest_nothing_hides_in_it(dani: User, community: Community) -> None:
    tick(dani, community, "invitations")
    press(page_of(dani, community), "fewer")
    press(page_of(dani, community), "save", lists=["invitations"])
    assert on(dani) == {"invitations"}
    assert folded(dani) == set()


def test_stopping_the_digest_stops_what_came_in_it(dani: User, community: Community) -> None:
    tick(dani, community, "newsletter", "invitations")
    press(page_of(dani, community), "fewer")
    digest = Subscription.objects.get(person=dani, mailing_list__kind="weekly_digest")
    path = unsubscribe_url(digest, dani.email).removeprefix(HOST)
    Client().post(path)
    assert on(dani) == {"newsletter"}
    Client().post(path, {"undo": "1"})
    assert on(dani) == {"newsletter", "invitations", "weekly_digest"}
    assert folded(dani) == {"invitations"}


@pytest.mark.parametrize("weeks", [2, 4, 8])
def test_a_pause_has_an_end_and_can_be_ended(dani: User, community: Community, weeks: int) -> None:
    tick(dani, community, "newsletter", "invitations")
    path = page_of(dani, community)
    offer = next(day for number, day in choices_of(dani, community).pauses if number == weeks)
    assert f"{weeks} weeks, until {offer}" in Client().get(path).content.decode()
    page = press(path, "pause", weeks=weeks)
    until = choices_of(dani, community).paused_until
    assert abs(until - timezone.now() - weeks * WEEK) < timedelta(minutes=1)
    assert choices_of(dani, community).pause_ends in page
    rows = Subscription.objects.in_force
    assert not rows(timezone.now()).exists()
    assert rows(until).count() == 2
    # What is ticked during a pause waits for its end as well.
    press(page_of(dani, community), "save", lists=["newsletter", "invitations", "weekly_digest"])
    assert not rows(timezone.now()).exists()

    assert "The pause is over" in press(page_of(dani, community), "resume")
    assert rows(timezone.now()).count() == 3


@pytest.mark.parametrize(
    "values", [{"do": "pause", "weeks": "500"}, {"do": "x"}, {"lists": "discussion"}]
)
def test_what_no_button_says_changes_nothing(
    dani: User, community: Community, values: dict[str, str]
) -> None:
    tick(dani, community, "newsletter")
    assert Client().post(page_of(dani, community), values).status_code == 200
    assert on(dani) == {"newsletter"}
    assert not Subscription.objects.exclude(paused_until=None).exists()


def test_stop_all_ends_every_list_and_can_be_undone(dani: User, community: Community) -> None:
    tick(dani, community, "newsletter", "invitations", "ballots")
    client = Client()
    answer = client.post(page_of(dani, community), {"do": "stop"})
    assert on(dani) == set()
    page = client.get(answer["Location"]).content.decode()
    assert "From now on Every Door sends you nothing." in page
    assert page.count('type="hidden" name="lists"') == 3
    press(page_of(dani, community), "save", lists=["newsletter", "invitations"])
    assert on(dani) == {"newsletter", "invitations"}


def test_nothing_rests_where_nothing_comes(dani: User, community: Community) -> None:
    tick(dani, community, "newsletter")
    press(page_of(dani, community), "pause", weeks=8)
    assert "Your mail rests" not in press(page_of(dani, community), "stop")
    press(page_of(dani, community), "save", seen="", lists=["newsletter"])
    assert Subscription.objects.in_force(timezone.now()).exists()


def test_each_community_has_its_own_page(
    dani: User, community: Community, other_community: Community
) -> None:
    tick(dani, community, "newsletter")
    tick(dani, other_community, "newsletter")
    page = press(page_of(dani, community), "stop")
    assert other_community.name not in page
    assert Subscription.objects.get(state="subscribed").mailing_list.scope == (
        other_community.public_id
    )


def test_an_address_without_an_account_has_the_same_page(bare: Subscription) -> None:
    path = address_choices_url(bare).removeprefix(HOST)
    page = Client().get(path).content.decode()
    assert page.count('type="checkbox"') == 1
    assert "bea@house.example" not in page
    assert "We may write to you until" in page
    # A box that was ticked for them is no consent of theirs.
    press(path, "save", lists=["newsletter"])
    bare.refresh_from_db()
    assert bare.expires_at
    press(path, "keep")
    bare.refresh_from_db()
    assert bare.expires_at is None
    assert Consent.objects.latest("pk").wording == KEPT
    press(path, "stop")
    bare.refresh_from_db()
    assert bare.state == "unsubscribed"
    press(path, "save", lists=["newsletter"])
    bare.refresh_from_db()
    assert (bare.state, bare.expires_at) == ("subscribed", None)


def test_an_ended_consent_is_no_tick(bare: Subscription, community: Community) -> None:
    later = NOW + timedelta(days=800)
    choices = read_choices(Reader.of(bare), community.public_id, now=later)
    assert choices.current == set()


@pytest.mark.django_db
@pytest.mark.parametrize("payload", [[0, "x"], ["nobody", "x"], [None, None], "x", 7])
def test_links_to_nobody_are_not_found(payload: Any) -> None:
    path = f"/m/{make_token('choices', payload)}/choices/"
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"do": "stop"}).status_code == 404


def test_unsubscribe_page_offers_fewer_where_it_is_fewer(dani: User, community: Community) -> None:
    tick(dani, community, "newsletter", "weekly_digest", "invitations")
    row = Subscription.objects.get(person=dani, mailing_list__kind="invitations")
    page = Client().get(unsubscribe_url(row, dani.email).removeprefix(HOST)).content.decode()
    assert 'name="do" value="fewer"' in page
    assert "The newsletter still comes on its own" in page
    assert choices_url(dani, community.public_id) in page
    press(page_of(dani, community), "fewer")
    assert folded(dani) == {"invitations"}
    row = Subscription.objects.get(person=dani, mailing_list__kind="newsletter")
    page = Client().get(unsubscribe_url(row, dani.email).removeprefix(HOST)).content.decode()
    assert 'name="do" value="fewer"' not in page
    assert "Fewer, or a pause" in page


def test_unsubscribing_during_a_pause_keeps_it_off_afterwards(
    dani: User, community: Community
) -> None:
    tick(dani, community, "newsletter")
    press(page_of(dani, community), "pause", weeks=2)
    unsubscribe_subscription(subscription=Subscription.objects.get(), source="x", now=NOW)
    assert not Subscription.objects.in_force(timezone.now() + 3 * WEEK).exists()


def test_a_forgotten_window_undoes_nothing(dani: User, community: Community) -> None:
    """Saved elsewhere meanwhile: nothing changes, and the page asks to look once more."""
    tick(dani, community, "newsletter")
    path = page_of(dani, community)
    client = Client()
    client.post(path, {"do": "stop"})
    stale = client.post(path, {"do": "save", "seen": "newsletter", "lists": ["newsletter"]})
    assert stale.headers["Location"].endswith("?did=stale")
    assert on(dani) == set()
    assert "another window" in client.get(stale.headers["Location"]).content.decode()
    # The same choice pressed twice is no conflict.
    for _press in range(2):
        answer = client.post(path, {"do": "save", "seen": "", "lists": ["newsletter"]})
        assert answer.headers["Location"].endswith("?did=save")


def test_taking_a_stop_back_finds_the_pause_again(dani: User, community: Community) -> None:
    tick(dani, community, "newsletter", "weekly_digest", "invitations")
    path = page_of(dani, community)
    client = Client()
    for press in ({"do": "fewer"}, {"do": "pause", "weeks": "8"}, {"do": "stop"}):
        client.post(path, press)
    client.post(path, {"do": "save", "lists": ["newsletter", "weekly_digest", "invitations"]})
    rows = Subscription.objects.filter(person=dani)
    assert all(row.paused_until for row in rows)
    assert rows.get(mailing_list__kind="invitations").in_digest
