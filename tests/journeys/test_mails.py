"""Every e-mail in a real browser, on a phone: nothing for axe to mend, no sideways scroll."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.conftest import PHONE
from tests.look.mails import LANGUAGES, SAMPLES, build

pytestmark = pytest.mark.browser
WINDOW = {"width": 640, "height": 900}
LONG = "Donaudampfschifffahrtsgesellschaftskapitaen" * 4


@pytest.mark.parametrize(("language", "theme"), zip(LANGUAGES, ["light", "dark"], strict=True))
def test_mails_pass_axe(chromium, language, theme):
    page = chromium.new_page(viewport=PHONE, color_scheme=theme)
    page.route("**/*", lambda route: route.abort())
    trouble = {}
    for name in SAMPLES:
        page.set_content(build(name, language).html)
        found = Axe().run(page).response["violations"]
        if found:
            trouble[name] = [(one["id"], one["nodes"][0]["html"][:160]) for one in found]
    page.close()

    assert trouble == {}


@pytest.mark.parametrize("viewport", [PHONE, WINDOW], ids=["phone", "window"])
@pytest.mark.parametrize("words", ["", LONG], ids=["usual", "long words"])
def test_mails_do_not_scroll_sideways(chromium, viewport, words):
    page = chromium.new_page(viewport=viewport)
    page.route("**/*", lambda route: route.abort())
    wide = {}
    for name in SAMPLES:
        page.set_content(build(name, "fr", words).html)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > viewport["width"]:
            wide[name] = width
    page.close()

    assert wide == {}
