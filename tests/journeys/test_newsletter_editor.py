"""The editor in a real browser: saves by itself, moves by drag and by keyboard, shows the mail."""

from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from newsletter.actions import update_issue
from newsletter.actions.versions import text_of
from newsletter.models import NewsletterIssue
from tests.factories import NOW, make_staff
from tests.journeys.conftest import DESKTOP, PHONE, no_sideways_scroll
from tests.newsletter.makers import make_issue, make_item

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def issue(community: Any) -> NewsletterIssue:
    community.languages = ["en", "fr"]
    community.save()
    issue = make_issue(community, state="draft", intro="Hello.")
    for number in range(1, 4):
        make_item(
            issue, f"Item {number} ʔa", position=number * 10, text="**Words** here.",
            title_fr=f"Point {number} é", text_fr="**Mots** ici.",
        )  # fmt: skip
    return issue


@pytest.fixture
def at_desk(open_browser: Any, sign_in: Any, settings: Any, live_server: Any) -> Any:
    def _open(person: Any, path: str, viewport: dict[str, int] = WIDE) -> Page:
        page = open_browser(viewport)
        name = settings.SESSION_COOKIE_NAME
        value = sign_in(person).cookies[name].value
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page.goto(path)
        return page

    return _open


def address(issue: NewsletterIssue, name: str = "change") -> str:
    if name == "change":
        return reverse("admin:newsletter_newsletterissue_change", args=[issue.pk])
    return reverse(f"admin:newsletter_issue_{name}", args=[issue.pk])


def saved(page: Page) -> None:
    expect(page.locator("#issue-status")).to_contain_text("Saved by itself", timeout=15_000)


def titles(issue: NewsletterIssue) -> list[str]:
    rows = issue.items.filter(is_included=True).order_by("position")
    return [title[:6] for title in rows.values_list("title", flat=True)]


def drag(page: Page, item: Any, below: Any) -> None:
    """By its handle, to the lower half of another one. Browsers want to see the pointer move."""
    handle, box = item.locator(".desk-handle").bounding_box(), below.bounding_box()
    page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 40, steps=8)
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 30, steps=2)
    page.mouse.up()


def test_what_is_typed_saves_itself_and_stays_on_the_page(issue, priya, at_desk):
    page = at_desk(priya, address(issue))
    page.get_by_label("Subject", exact=True).fill("Kinder words, autumn")
    saved(page)
    page.get_by_label("Subject in French").fill("Des mots plus doux")
    expect(page.locator("#issue-status")).to_contain_text("Not saved yet")
    saved(page)

    assert page.get_by_label("Subject", exact=True).input_value() == "Kinder words, autumn"
    issue.refresh_from_db()
    assert (issue.subject, issue.subject_fr) == ("Kinder words, autumn", "Des mots plus doux")
    mail = page.frame_locator("#issue-live iframe")
    expect(mail.locator("body")).to_contain_text("Kinder words, autumn", timeout=15_000)
    page.locator("[data-live=language]").select_option("fr")
    expect(mail.locator("body")).to_contain_text("Point 1 é", timeout=15_000)


def test_items_move_by_keyboard_and_by_drag(issue, priya, at_desk):
    page = at_desk(priya, address(issue))
    up = page.get_by_role("button", name="Move up: Item 3")
    up.focus()
    page.keyboard.press("Enter")
    saved(page)
    assert titles(issue) == ["Item 1", "Item 3", "Item 2"]
    # The button that was pressed keeps the focus: a second press goes on.
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    saved(page)
    assert titles(issue) == ["Item 3", "Item 1", "Item 2"]

    page.set_viewport_size({"width": 1440, "height": 3000})
    drag(page, page.locator("[data-item]").nth(0), page.locator("[data-item]").nth(1))
    page.wait_for_timeout(300)
    saved(page)
    assert titles(issue) == ["Item 1", "Item 3", "Item 2"]


def test_two_people_write_at_once_and_nothing_is_lost(issue, priya, at_desk):
    other = make_staff(issue.community, "editor", "Tomasz Iverson")
    page = at_desk(priya, address(issue))
    text = replace(text_of(issue), intro="Theirs", subject="Their subject")
    update_issue(issue=issue, text=text, by=other, now=NOW, version=1)

    page.get_by_label("Opening words", exact=True).fill("Mine, much longer")
    expect(page.get_by_role("alert")).to_contain_text("Mine, much longer", timeout=15_000)
    assert page.get_by_label("Opening words", exact=True).input_value() == "Theirs"
    assert page.get_by_label("Subject", exact=True).input_value() == "Their subject"
    issue.refresh_from_db()
    assert (issue.intro, issue.subject) == ("Theirs", "Their subject")


def test_a_new_item_is_saved_once_however_fast_the_buttons_are(issue, priya, at_desk):
    page = at_desk(priya, address(issue))
    new = page.locator("[data-item]").last
    new.get_by_label("Title", exact=True).fill("Bring a mug")
    saved(page)
    new.get_by_label("Text", exact=True).fill("There is tea.")
    page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(page.locator(".messagelist")).to_be_visible()
    assert list(issue.items.filter(title="Bring a mug").values_list("text", flat=True)) == [
        "There is tea."
    ]


def test_without_a_script_the_buttons_do_it_all(
    issue, priya, chromium, sign_in, live_server, settings
):
    settings.SITE_URL, settings.ALLOWED_HOSTS = live_server.url, ["*"]
    context = chromium.new_context(
        viewport=DESKTOP, base_url=live_server.url, java_script_enabled=False
    )
    name = settings.SESSION_COOKIE_NAME
    value = sign_in(priya).cookies[name].value
    context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page = context.new_page()
    page.goto(address(issue))
    page.locator("[name=items-2-position]").fill("5")
    page.get_by_role("button", name="Save", exact=True).click()
    assert titles(issue) == ["Item 3", "Item 1", "Item 2"]
    context.close()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP, WIDE], ids=["360", "1280", "1440"])
@pytest.mark.parametrize("name", ["change", "checks", "people", "versions"])
def test_pages_are_for_everybody(issue, priya, dani, at_desk, name, viewport):
    make_item(issue, "A day with Dani", kind="spotlight", person=dani, position=40)
    update_issue(issue=issue, text=replace(text_of(issue), intro="At 10:00."), by=priya, now=NOW)
    page = at_desk(priya, address(issue, name), viewport)
    no_sideways_scroll(page)
    found = Axe().run(page, options={"iframes": False})
    assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
