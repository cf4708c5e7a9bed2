"""A real Chromium against a live server, a real mailbox, and time as an argument."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from outbox.actions import send_due
from tests.browsers import launch_arguments
from tests.smtp import Box

# Playwright keeps an event loop in this thread, and Django would take our queries for async ones.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PHONE, DESKTOP = {"width": 360, "height": 780}, {"width": 1280, "height": 900}


@pytest.fixture(autouse=True)
def forget_limits() -> None:
    """Everybody here comes from one address: what one story used up is not taken from the next."""
    cache.clear()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments())
        yield browser
        browser.close()


@pytest.fixture
def open_browser(
    chromium: Browser, live_server: Any, settings: Any, tmp_path: Any
) -> Iterator[Callable[[dict[str, int]], Page]]:
    """`open_browser(PHONE)`: a browser of its own, which must show no error on its console."""
    settings.SITE_URL = live_server.url
    settings.ALLOWED_HOSTS = ["*"]
    settings.MEDIA_ROOT = str(tmp_path)
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def _open(viewport: dict[str, int]) -> Page:
        context = chromium.new_context(
            viewport=viewport,
            base_url=live_server.url,
            timezone_id="America/Edmonton",
            locale="en-CA",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: trouble.append(message.text) if message.type == "error" else None,
        )
        return page

    yield _open
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def post(mailbox: Box) -> Callable[..., Any]:
    """`post(address, now=…)`: send what is due then; the newest mail to somebody."""

    def _post(address: str, *, now: datetime | None = None) -> Any:
        send_due(clock=lambda: now or timezone.now())
        mine = mailbox.to(address)
        assert mine, f"no mail arrived; {len(mailbox.messages)} in all"
        return mine[-1]

    return _post


@pytest.fixture
def page_of(open_browser: Any, live_server: Any, sign_in: Any) -> Callable[..., Page]:
    """`page_of(person, size)`: a browser in which somebody is signed in already."""

    def _page(person: Any, size: dict[str, int] = PHONE) -> Page:
        page = open_browser(size)
        value = sign_in(person).cookies[site.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": site.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
        )
        return page

    return _page


def text_of(message: Any) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def code_of(message: Any) -> str:
    return re.search(r"\b(\d{6})\b", text_of(message))[1]


def link_of(message: Any, part: str) -> str:
    """The first address in the text of a mail that has `part` in it."""
    return next(url for url in re.findall(r"https?://[^\s>]+", text_of(message)) if part in url)


def no_sideways_scroll(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"], f"{page.url} is {wide} px wide"
