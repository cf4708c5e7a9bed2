"""The review desk in a real browser: ready words, single keys, nothing for axe to mend."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as site
from django.utils import timezone

from members.actions import submit_application
from members.actions.tasks import open_review_task
from members.models import Evidence, MembershipApplication
from tests.factories import make_organization, make_person, make_staff
from tests.journeys.conftest import DESKTOP, PHONE, no_sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
QUEUE = "/desk/members/membershipapplication/"


@pytest.fixture
def anneke(community):
    return make_staff(community, "reviewer", "Anneke Vos")


def apply(community, name, house, **person):
    return submit_application(
        community=community, person=make_person(name, **person), organization=house,
        applying_as="provider", agreement=community.agreements.get(),
        criterion=community.criteria.get(), reference="S-0071234", role_title="Manager",
        role_group="manager", now=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def applications(community, anneke):
    community.criteria.update(
        check_url="https://register.example/list", doubt="society_number",
        accepted_kinds=["certificate"], issuers=["Registry"], not_enough="A society number",
    )  # fmt: skip
    house = make_organization("Supercalifragilistic-Lantern-Street-Sober-Living " * 2)
    rows = [
        apply(community, "Marcus Feld", house),
        apply(community, "أمينة الزهراء", house, language="fr"),
    ]
    MembershipApplication.objects.filter(pk=rows[0].pk).update(due_on="2020-01-01")
    Evidence.objects.create(
        organization=house, criterion=community.criteria.get(), state="verified",
        submitted_at=timezone.now(), checked_at=timezone.now(),
    )  # fmt: skip
    open_review_task(
        community=community, kind="sample", now=timezone.now(), due_on=timezone.now().date(),
        application=rows[0],
    )  # fmt: skip
    return rows


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_of_the_desk_pass_axe(chromium, live_server, sign_in, applications, anneke, size):
    # The checker brings styles of its own, which our policy would stop.
    context = chromium.new_context(viewport=size, base_url=live_server.url, bypass_csp=True)
    session = sign_in(anneke).cookies[site.SESSION_COOKIE_NAME].value
    cookie = {"name": site.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    context.add_cookies([cookie])
    row, page = applications[0], context.new_page()
    task = row.review_tasks.get()
    one = f"{QUEUE}{row.pk}/"
    for address in (
        QUEUE,
        f"{one}change/",
        f"{one}together/",
        f"{one}office/",
        "/desk/members/reviewtask/",
        f"/desk/members/reviewtask/{task.pk}/change/",
        f"/desk/members/reviewtask/{task.pk}/step/close/",
    ):
        page.goto(address)
        for fold in page.locator("#content details").all():
            fold.evaluate("fold => { fold.open = true }")
        no_sideways_scroll(page)
        # What belongs to the frame of the desk is checked with the frame.
        found = Axe().run(page, context="#content").response["violations"]
        weighs = [one for one in found if one["impact"] in {"serious", "critical"}]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in weighs] == [], address
    context.close()


def test_words_come_with_the_reasons_and_spare_what_was_written(page_of, applications, anneke):
    page = page_of(anneke, DESKTOP)
    page.goto(f"{QUEUE}{applications[0].pk}/change/")
    page.get_by_text("What is missing (to ask for more)").click()
    letter = page.locator("textarea[name=message]")
    assert page.get_by_role("button", name="Put words for these").count() == 0

    page.locator("input[value=UNREADABLE]").check()
    page.locator("input[value=NO_PERIOD]").check()
    assert "Lay the page flat" in letter.input_value()
    assert "the first and the last day" in letter.input_value()
    assert letter.input_value().count("Are you stuck?") == 1
    page.locator("input[value=NO_PERIOD]").uncheck()
    assert "the first and the last day" not in letter.input_value()

    letter.fill("Dear Marcus, call me.")
    page.locator("input[value=PER_DIEM_ONLY]").check()
    assert letter.input_value().startswith("Dear Marcus, call me.\n\nWhat we look for")
    page.locator("input[value=PER_DIEM_ONLY]").uncheck()
    assert letter.input_value().startswith("Dear Marcus, call me.")
    page.get_by_role("button", name="Ask for more", exact=True).click()
    assert page.get_by_text("Dear Marcus, call me.").first.is_visible()


def test_keys_are_off_until_they_are_wanted_and_silent_in_fields(page_of, applications, anneke):
    page = page_of(anneke, DESKTOP)
    page.goto(f"{QUEUE}{applications[0].pk}/change/")
    page.keyboard.press("d")
    assert page.evaluate("document.activeElement.id") != "decision"

    page.get_by_label("Single keys lead").check()
    assert page.locator(".desk-keys kbd").count() >= 6
    page.keyboard.press("d")
    assert page.evaluate("document.activeElement.id") == "decision"
    page.locator("textarea[name=message]").focus()
    page.keyboard.type("naxq")
    assert page.locator("textarea[name=message]").input_value() == "naxq"
    page.locator("h1").click()
    page.keyboard.press("n")
    page.get_by_role("heading", name="أمينة الزهراء").first.wait_for()
    page.keyboard.press("q")
    page.wait_for_url(f"**{QUEUE}")

    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "أمينة" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    assert "Marcus" in page.evaluate("document.activeElement.textContent")
    page.get_by_label("Single keys lead").uncheck()
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
