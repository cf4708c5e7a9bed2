"""The page of choices from a mail, on a phone: without a script, without a sign-in."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page

from members.models import Community, User
from outbox.actions import find_mailing_list, send_due, update_subscriptions
from outbox.links import choices_url, unsubscribe_url
from outbox.models import Subscription
from tests.journeys.conftest import DESKTOP, PHONE, link_of, no_sideways_scroll
from tests.smtp import Box

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reader(dani: User, community: Community) -> User:
    update_subscriptions(
        person=dani,
        scope=community.public_id,
        kinds={"newsletter", "weekly_digest", "invitations"},
        source="joining",
        now=timezone.now(),
    )
    return dani


def press(page: Page, name: str, says: str) -> None:
    page.get_by_role("button", name=name, exact=False).click()
    page.get_by_role("status").get_by_text(says).wait_for()
    no_sideways_scroll(page)


def test_choices_without_a_script(
    reader: User, community: Community, chromium: Any, live_server: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(choices_url(reader, community.public_id))
    press(page, "Fewer, please", "one mail a week at most")
    press(page, "Each mail on its own again", "comes on its own again")
    press(page, "4 weeks", "Your mail rests until")
    press(page, "Start again now", "The pause is over")
    press(page, "Stop all of it", "sends you nothing")
    assert not Subscription.objects.filter(state="subscribed").exists()
    press(page, "as it was before", "It counts from now on")
    assert Subscription.objects.filter(state="subscribed").count() == 3
    context.close()


def test_undo_is_not_where_the_thumb_was(
    reader: User, community: Community, chromium: Any, live_server: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    row = Subscription.objects.get(mailing_list__kind="invitations")
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(unsubscribe_url(row, reader.email))
    stop = page.get_by_role("button", name="Stop this mail")
    end = stop.bounding_box()["y"] + stop.bounding_box()["height"]
    stop.click()
    undo = page.get_by_role("button", name="That was a mistake").bounding_box()
    context.close()
    assert undo["y"] >= end + 96


# Sets the size of text as people do in their browser; the page may only read it.
TWICE = "document.documentElement.style.fontSize = '200%'"


def test_choices_at_twice_the_text_size(
    reader: User, community: Community, chromium: Any, live_server: Any, settings: Any
) -> None:
    """Boxes grow with the words, and the heading breaks between words only."""
    settings.SITE_URL = live_server.url
    context = chromium.new_context(viewport=PHONE, bypass_csp=True)
    page = context.new_page()
    page.goto(choices_url(reader, community.public_id))
    page.evaluate(TWICE)
    box = page.locator(".form-check-input").first.bounding_box()
    assert (box["width"], box["height"]) == (48, 48)
    no_sideways_scroll(page)
    heading = page.locator("h1")
    heading.evaluate("(h1) => { h1.textContent = 'Community newsletter Conclusions' }")
    # One line a word, so none is in two pieces.
    lines = heading.evaluate(
        "(h1) => h1.offsetHeight / parseFloat(getComputedStyle(h1).lineHeight)"
    )
    assert round(lines) == 3
    context.close()


def test_number_of_mails_counts_along(
    reader: User, community: Community, open_browser: Any
) -> None:
    page = open_browser(DESKTOP)
    page.goto(choices_url(reader, community.public_id))
    page.get_by_text("you get about 6 mails a month").wait_for()
    page.get_by_label("Weekly digest").uncheck()
    page.get_by_text("you get about 2 mails a month").wait_for()
    page.get_by_label("Meeting invitations").uncheck()
    page.get_by_text("1 mail comes in two months").wait_for()
    # What comes inside the digest comes alone again without it.
    page.get_by_role("button", name="Fewer, please").click()
    page.get_by_text("you get about 5 mails a month").wait_for()
    page.get_by_label("Weekly digest").uncheck()
    page.get_by_text("you get about 2 mails a month").wait_for()


def test_newsletter_for_a_stranger(community: Community, open_browser: Any, mailbox: Box) -> None:
    cache.clear()
    page = open_browser(PHONE)
    page.goto(f"/{community.slug}/newsletter/")
    page.get_by_label("Your e-mail address").fill("bea@house.example")
    page.get_by_role("button", name="Send me the newsletter").click()
    page.get_by_role("heading", name="Look into your mail").wait_for()
    send_due()
    page.goto(link_of(mailbox.to("bea@house.example")[-1], "/confirm/"))
    page.get_by_role("button", name="Yes, send me the newsletter").click()
    page.get_by_role("heading", name="You are on the list").wait_for()
    page.get_by_role("link", name="See your e-mail choices").click()
    page.get_by_role("heading", name="Your e-mail choices").wait_for()
    row = Subscription.objects.get()
    assert (row.state, row.mailing_list) == (
        "subscribed",
        find_mailing_list(community.public_id, "newsletter"),
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_behind_a_mail_pass_axe(
    reader: User,
    community: Community,
    chromium: Any,
    live_server: Any,
    settings: Any,
    scheme: str,
) -> None:
    settings.SITE_URL = live_server.url
    row = Subscription.objects.get(mailing_list__kind="invitations")
    context = chromium.new_context(viewport=PHONE, bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    for url in (
        choices_url(reader, community.public_id),
        unsubscribe_url(row, reader.email),
        f"{live_server.url}/{community.slug}/newsletter/subscribe/",
    ):
        page.goto(url)
        no_sideways_scroll(page)
        assert Axe().run(page).response["violations"] == []
    context.close()
