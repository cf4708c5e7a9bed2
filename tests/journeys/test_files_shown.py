"""What is inside a file, seen in the page by a real browser: pages, pictures, films."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from cop.demo.documents import pdf
from tests.core.uploads import picture
from tests.factories import make_community
from tests.journeys.conftest import DESKTOP, PHONE
from tests.library.factories import make_resource

# Two seconds of two colours, recorded by a browser.
FILM = (Path(__file__).parent / "film.webm").read_bytes()
VTT = b"WEBVTT\n\n00:00.000 --> 00:02.000\n<v Priya>Good evening</v>\n"
WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"
pytestmark = pytest.mark.django_db(transaction=True)


def keep(name: str, content: bytes, **fields: Any) -> Any:
    kind = name.rpartition(".")[2]
    return make_resource(
        make_community(), file=ContentFile(content, name="key"), file_name=name, file_type=kind,
        file_size=len(content), **fields,
    )  # fmt: skip


def until(page: Any, expression: str) -> None:
    """Asked from outside: the page itself may evaluate no text (Content-Security-Policy)."""
    for _time in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(expression)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_pages_of_a_paper(open_browser: Any, viewport: dict[str, int]) -> None:
    paper = pdf([f"Page {n}" for n in range(1, 9)])
    resource = keep(
        "plan.pdf", paper, preview_pages=8, text_state="read", file_text="The quiet night"
    )
    page = open_browser(viewport)
    page.goto(resource.get_absolute_url())

    first = page.get_by_alt_text("Page 1 of 8")
    first.scroll_into_view_if_needed()
    until(page, "document.querySelector('.pages img').naturalWidth > 0")
    shown = first.bounding_box()
    assert shown["width"] > 250
    assert shown["x"] >= 0
    assert shown["x"] + shown["width"] <= viewport["width"]
    scrolled, inner = page.evaluate(WIDTHS)
    assert scrolled <= inner
    page.get_by_text("Read the text").click()
    assert page.get_by_text("The quiet night").is_visible()
    page.get_by_role("link", name="Show more pages").click()
    assert page.locator(".pages img").count() == 8


def test_film_with_captions(open_browser: Any) -> None:
    resource = keep(
        "talk.webm", FILM, kind="recording", captions=ContentFile(VTT, name="key"),
        chapters="0:00 Welcome\n0:01 What helped",
    )  # fmt: skip
    page = open_browser(PHONE)
    page.goto(resource.get_absolute_url())

    until(page, "document.querySelector('video').readyState >= 1")
    until(page, "document.querySelector('track').readyState === 2")
    said = "document.querySelector('video').textTracks[0].cues[0].text"
    assert page.evaluate(said) == "Good evening"
    page.get_by_role("button", name="0:01").click()
    until(page, "document.querySelector('video').currentTime >= 0.9")
    scrolled, inner = page.evaluate(WIDTHS)
    assert scrolled <= inner


def test_picture(open_browser: Any) -> None:
    resource = keep("board.jpg", picture(size=(900, 600)), title="The board")
    page = open_browser(PHONE)
    page.goto(resource.get_absolute_url())

    page.get_by_alt_text("The board").scroll_into_view_if_needed()
    until(page, "document.querySelector('figure img').naturalWidth === 900")
    scrolled, inner = page.evaluate(WIDTHS)
    assert scrolled <= inner
