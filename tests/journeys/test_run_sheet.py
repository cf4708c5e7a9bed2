"""The run sheet on a phone: the timer runs on and no note is lost, whatever the line does."""

from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from meetings.actions.board import set_up_board
from meetings.actions.step_notes import save_step_note
from meetings.models import AgendaStep, Attendance, Meeting
from members.models import Community, User
from tests.factories import make_meeting
from tests.journeys.conftest import PHONE, no_sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# An open board asks every five seconds.
WAIT = 20_000


@pytest.fixture
def meeting(community: Community) -> Meeting:
    meeting = make_meeting(community)
    meeting.agenda.all().delete()
    for order, title in enumerate(["We arrive", "Peers think aloud", "We close"], start=1):
        AgendaStep.objects.create(meeting=meeting, order=order, title=title, minutes=10 * order)
    return meeting


@pytest.fixture
def address(meeting: Meeting) -> str:
    return reverse("meetings:run_sheet", args=[meeting.community.slug, meeting.public_id])


@pytest.fixture
def quiet_page(chromium: Any, live_server: Any, settings: Any, sign_in: Any) -> Any:
    """Like `page_of`; a lost line writes to the console, and that is no fault here."""
    settings.SITE_URL = live_server.url
    contexts = []

    def _page(person: User) -> Page:
        context = chromium.new_context(viewport=PHONE, base_url=live_server.url)
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        value = sign_in(person).cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        return context.new_page()

    yield _page
    for context in contexts:
        context.close()


def press(page: Page, name: str) -> None:
    page.locator("[data-timer]").get_by_role("button", name=name, exact=True).click()


def test_timer_by_the_wall_clock(priya: User, address: str, page_of: Any) -> None:
    page = page_of(priya)
    page.clock.install()
    page.goto(address)
    digits = page.locator("[data-digits]")
    expect(digits).to_have_text("10:00")
    press(page, "Start")
    # A phone that slept fires no timers: only the clock has moved on.
    page.clock.fast_forward(timedelta(minutes=4).seconds * 1000)
    expect(digits).to_have_text("6:00")
    page.reload()
    page.clock.run_for(1000)
    expect(digits).to_have_text("5:59")
    press(page, "+1 minute")
    expect(digits).to_have_text("6:59")
    page.clock.fast_forward(8 * 60 * 1000)
    expect(page.locator("[data-state]")).to_have_text("over time")
    expect(digits).to_have_text("+1:01")
    expect(page.locator("[data-said]")).to_have_text("The time of this step is over")
    press(page, "Next")
    expect(digits).to_have_text("20:00")
    expect(page.locator("[data-next]")).to_contain_text("We close")
    press(page, "Pause")
    page.clock.fast_forward(60_000)
    expect(digits).to_have_text("20:00")
    assert not Axe().run(page).response["violations"]
    no_sideways_scroll(page)


def test_notes_without_a_line(priya: User, meeting: Meeting, address: str, quiet_page: Any) -> None:
    page = quiet_page(priya)
    page.goto(address)
    note = page.locator("[data-step]").first.get_by_role("textbox")
    status = page.locator("[data-step]").first.locator("[data-status]")
    page.context.set_offline(True)
    press(page, "Start")
    note.fill("A roster helps.")
    expect(status).to_have_text("Kept on this phone, will be sent")
    expect(page.locator("[data-lost]")).to_contain_text("No connection")
    expect(page.locator("[data-digits]")).not_to_have_text("10:00")
    assert not AgendaStep.objects.exclude(note="").exists()
    page.context.set_offline(False)
    expect(status).to_have_text("Saved")
    assert meeting.agenda.order_by("order").first().note == "A roster helps."
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes('note')).length") == 0


def test_a_stale_note_keeps_both(
    priya: User, dani: User, meeting: Meeting, address: str, page_of: Any
) -> None:
    page = page_of(priya)
    page.goto(address)
    step = meeting.agenda.order_by("order").first()
    save_step_note(meeting=meeting, step=step.pk, note="From Dani", version=0, by=dani)
    note = page.locator("[data-step]").first.get_by_role("textbox")
    note.fill("From Priya")
    status = page.locator("[data-step]").first.locator("[data-status]")
    expect(status).to_contain_text("both texts are kept")
    step.refresh_from_db()
    assert "From Dani" in step.note
    assert "From Priya" in step.note
    expect(note).to_have_value(step.note)


def test_a_draft_outlives_the_page(priya: User, meeting: Meeting, address: str, page_of: Any):
    page = page_of(priya)
    page.goto(address)
    note = page.locator("[data-step]").first.get_by_role("textbox")
    note.fill("Typed, and the phone died")
    page.reload()
    status = page.locator("[data-step]").first.locator("[data-status]")
    expect(status).to_have_text("Saved")
    assert meeting.agenda.order_by("order").first().note == "Typed, and the phone died"


def test_signing_out_clears_this_phone(priya: User, address: str, page_of: Any) -> None:
    page = page_of(priya, {"width": 1280, "height": 900})
    page.goto(address)
    press(page, "Start")
    held = "Object.keys(localStorage).filter(key => key.startsWith('run-sheet:')).length"
    assert page.evaluate(held) == 1
    page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    page.wait_for_url("**/*")
    page.wait_for_function(f"({held}) === 0")


def test_the_board_is_live_for_all(priya: User, dani: User, meeting: Meeting, page_of: Any) -> None:
    """One writes, the other sees it without doing anything; all of it by keyboard and forms."""
    begins = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=begins, ends_at=begins + timedelta(hours=1)
    )
    meeting.agenda.filter(order=2).update(room="breakout")
    Attendance.objects.create(meeting=meeting, person=dani, source="self")
    set_up_board(meeting=meeting, rooms=3, by=priya)
    address = reverse("meetings:board", args=[meeting.community.slug, meeting.public_id])
    hers, his = page_of(priya), page_of(dani)
    hers.goto(address)
    his.goto(address)
    his.get_by_label("What would you like to talk about?").fill("Calm nights")
    his.keyboard.press("Enter")
    expect(his.locator("#board")).to_contain_text("Calm nights")
    expect(hers.locator("#board")).to_contain_text("Calm nights", timeout=WAIT)
    assert not Axe().run(hers).response["violations"]
    hers.get_by_role("link", name="Calm nights").click()
    hers.get_by_label("Place").select_option(label="Round 1, Room 2")
    hers.get_by_role("button", name="Put it there").click()
    round_one = his.get_by_role("region", name="Round 1")
    expect(round_one).to_contain_text("Calm nights", timeout=WAIT)
    his.get_by_role("link", name="Calm nights").click()
    his.get_by_label("Notes").fill("Ring the bell at nine.")
    his.get_by_role("button", name="Save the notes").click()
    ring = "Ring the bell at nine."
    expect(hers.locator("#board")).to_contain_text(ring, timeout=WAIT)
    assert not Axe().run(his).response["violations"]
    for page in (hers, his):
        no_sideways_scroll(page)
