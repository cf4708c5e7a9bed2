"""Each page in a real browser: nothing for axe to mend, no sideways scroll, the keyboard."""

from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as site
from django.utils import timezone
from playwright.sync_api import Page

from library.actions import submit_resource
from meetings.models import Meeting
from members.models import Community, User
from newsletter.models import IssueItem, NewsletterIssue
from tests.factories import make_meeting
from tests.journeys.conftest import DESKTOP, PHONE, no_sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Ligne d’écoute ʔaƛ x̱wəsala Théberge-Bloomquist"
VISITOR = [
    "/",
    "/every-door/",
    "/every-door/join/",
    "/every-door/meetings/",
    "/every-door/library/",
    "/every-door/library/?q=nothing-like-it",
    "/every-door/newsletter/",
    "/every-door/newsletter/1/",
    "/privacy/",
    "/accessibility/",
    "/account/login/code/",
    "/account/login/",
    "/account/signup/",
    "/no-such-page/",
]
MEMBER = [
    "/every-door/",
    "/every-door/meetings/",
    "/every-door/library/",
    "/every-door/library/add/",
    "/me/",
    "/me/mail/",
    "/me/profile/",
    "/me/calendar/",
    "/me/leave/every-door/",
    "/account/2fa/",
    "/account/email/",
]
STAFF = [
    "/desk/",
    "/desk/members/membershipapplication/",
    "/desk/meetings/meeting/",
    "/desk/library/resource/",
    "/desk/newsletter/newsletterissue/",
    "/desk/outbox/delivery/",
]


@pytest.fixture
def full_house(community: Community, dani: User, priya: User) -> Meeting:
    now = timezone.now()
    submit_resource(
        community=community, person=priya, now=now, publish=True, kind="tool", title=LONG * 2,
        summary=LONG, body="## A heading\n\n- one\n- two", visibility="public",
    )  # fmt: skip
    issue = NewsletterIssue.objects.create(
        community=community, number=1, period_from=now.date() - timedelta(days=60),
        period_to=now.date(), send_on=now.date(), subject=LONG, intro=LONG, state="sent",
        sent_at=now,
    )  # fmt: skip
    IssueItem.objects.create(issue=issue, title=LONG, text=LONG)
    day = (now + timedelta(days=30)).date()
    return make_meeting(
        community, title=LONG * 2, local_date=day, audience="public", capacity=1, description=LONG
    )


def sign_in(page: Page, person: User, live_server: Any, cookies: Any) -> None:
    client = cookies(person)
    value = client.cookies[site.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": site.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
    )


def inspect(page: Page, path: str) -> list[str]:
    page.goto(path)
    no_sideways_scroll(page)
    found = Axe().run(page).response["violations"]
    return [
        f"{path}: {one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("who", ["visitor", "member", "staff"])
def test_pages_pass_axe_on_a_phone(
    full_house: Meeting,
    community: Community,
    dani: User,
    priya: User,
    chromium: Any,
    live_server: Any,
    sign_in_client: Any,
    who: str,
) -> None:
    context = chromium.new_context(viewport=PHONE, base_url=live_server.url, bypass_csp=True)
    page = context.new_page()
    person, paths = {
        "visitor": (None, VISITOR),
        "member": (dani, [*MEMBER, full_house.get_absolute_url()]),
        "staff": (priya, STAFF),
    }[who]
    if person is not None:
        sign_in(page, person, live_server, sign_in_client)
    trouble = [line for path in paths for line in inspect(page, path)]
    context.close()
    assert trouble == []


@pytest.fixture
def sign_in_client(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("sign_in")


def test_a_visitor_reads_their_own_clock(full_house: Meeting, open_browser: Any) -> None:
    """The browser stands in Edmonton: an hour ahead of a community on Pacific time."""
    page = open_browser(PHONE)
    page.goto("/every-door/meetings/")
    page.get_by_text("11:00 a.m. to 12:30 p.m.").first.wait_for()
    page.goto(full_house.get_absolute_url())
    text = page.inner_text("main")
    assert "11:00 a.m. to 12:30 p.m. East Kootenay and Alberta time" in text
    assert "10:00 to 11:30 a.m. Pacific time" in text


def test_the_keyboard_reaches_the_content_first(full_house: Meeting, open_browser: Any) -> None:
    page = open_browser(DESKTOP)
    page.goto("/every-door/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_everything_works_without_javascript(
    full_house: Meeting, dani: User, chromium: Any, live_server: Any, sign_in_client: Any
) -> None:
    context = chromium.new_context(
        viewport=PHONE, base_url=live_server.url, java_script_enabled=False
    )
    page = context.new_page()
    sign_in(page, dani, live_server, sign_in_client)
    page.goto(full_house.get_absolute_url())
    page.get_by_role("button", name="I'll be there").first.click()
    page.get_by_text("I'll be there").first.wait_for()
    full_house.refresh_from_db()
    assert full_house.going_count == 1
    page.goto("/every-door/library/")
    page.locator("main input[name=q]").fill("écoute")
    page.locator("main form[role=search] button, main form button").first.click()
    assert page.get_by_role("link", name="Ligne d’écoute", exact=False).first.is_visible()
    context.close()
