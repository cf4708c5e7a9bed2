"""A coordinator proof-reads the mails, on a phone and at a desk."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as site

from members.models import User
from outbox.models import Delivery
from tests.journeys.conftest import DESKTOP, PHONE, no_sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def trouble(page: Any) -> list[str]:
    """The frame is a document of its own, without scripts; tests/look looks at the mails."""
    found = Axe().run(page, context={"exclude": [["iframe"]]}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


@pytest.mark.parametrize(
    ("viewport", "theme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"]
)
def test_proof_reading(
    priya: User,
    sign_in: Any,
    chromium: Any,
    live_server: Any,
    settings: Any,
    viewport: Any,
    theme: str,
) -> None:
    settings.SITE_URL = live_server.url
    context = chromium.new_context(
        viewport=viewport, base_url=live_server.url, bypass_csp=True, color_scheme=theme
    )
    value = sign_in(priya).cookies[site.SESSION_COOKIE_NAME].value
    context.add_cookies([
        {"name": site.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
    ])  # fmt: skip
    page = context.new_page()
    page.goto("/desk/")
    page.get_by_role("link", name="All our e-mails").click()
    no_sideways_scroll(page)
    assert trouble(page) == []

    page.get_by_role("link", name="Meeting cancelled", exact=True).click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name="This meeting is cancelled").wait_for()
    assert frame.locator("img").evaluate("image => image.naturalWidth") > 0
    no_sideways_scroll(page)
    page.get_by_role("link", name="French").click()
    page.frame_locator("iframe").get_by_role("heading", level=1).wait_for()
    page.get_by_role("link", name="Text only").click()
    assert "Quand" in page.inner_text("pre") or "prévue" in page.inner_text("pre")
    no_sideways_scroll(page)
    assert trouble(page) == []

    page.get_by_role("button", name="Send me a sample").click()
    page.get_by_text("The sample is on its way to").wait_for()
    assert Delivery.objects.get().person == priya
    context.close()
