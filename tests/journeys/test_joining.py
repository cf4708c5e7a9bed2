"""Asking to join in a real browser: without JavaScript, with mistakes, and nothing for axe."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as site
from django.utils import timezone
from playwright.sync_api import Page

from members.actions.invitations import send_invitation
from members.emails.invitations import invitation_url
from members.models import Community, Criterion, Evidence, MembershipApplication
from tests.factories import make_community, make_organization, make_person, make_staff
from tests.journeys.conftest import DESKTOP, PHONE, no_sideways_scroll
from tests.journeys.test_main_job import photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Maison ʔakisq̓nuk Élisabeth-Thérèse de l’Île-aux-Coudres et des Environs"


@pytest.fixture
def criteria(community: Community) -> None:
    Criterion.objects.update(
        doubt="society_number",
        is_tied_to_address=True,
        examples="Lantern House, Surrey",
        not_enough="A society number.",
        check_url="https://registry.example/list",
    )
    community.criteria.create(
        code="FUNDED",
        label="Funded by the province",
        help_text="A funding agreement.",
        reference_label="Who funds you",
        accepted_kinds=["funding_letter", "agreement_extract"],
        issuers=["North", "South"],
    )


def browser_of(chromium: Any, live_server: Any, client: Any, size: Any, **options: Any) -> Page:
    context = chromium.new_context(viewport=size, base_url=live_server.url, **options)
    context.set_default_timeout(15_000)
    value = client.cookies[site.SESSION_COOKIE_NAME].value
    cookie = {"name": site.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
    context.add_cookies([cookie])
    return context.new_page()


def complaints(page: Page) -> list[str]:
    no_sideways_scroll(page)
    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found
            if one["impact"] in {"serious", "critical"}]  # fmt: skip


def fill(page: Page) -> None:
    page.locator("input[name=proposed_city]").fill("Surrey")
    page.locator("input[name=applying_as][value=provider]").check()
    page.get_by_label("What kind of role is it?").select_option("front_line")
    page.locator("input[name=criterion][value=REGISTERED]").check()
    page.locator("input[name=REGISTERED-reference]").fill("S-0071234")
    page.locator("input[name=REGISTERED-document]").set_input_files(photo())


def test_without_javascript_and_with_two_mistakes(
    chromium: Any, live_server: Any, community: Community, criteria: None, newcomer: Any,
    sign_in: Any, settings: Any, tmp_path: Any,
) -> None:  # fmt: skip
    settings.MEDIA_ROOT = str(tmp_path)
    make_organization("Maison Theberge", city="Creston")
    page = browser_of(chromium, live_server, sign_in(newcomer), PHONE, java_script_enabled=False)
    page.goto("/every-door/join/")
    page.locator("#id_q").fill("Maison Théberges")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="My organization is not listed").click()
    assert page.locator("input[name=REGISTERED-reference]").is_hidden()
    fill(page)
    send = page.get_by_role("button", name="Send my application")
    send.click()

    # The house, the ground rules, a name like a known one, and the question: all at once.
    summary = page.get_by_role("alert").inner_text()
    for words in ("4 things", "Is it one of these?", "Which house", "Is this the right number?"):
        assert words in summary, summary
    page.locator("input[name=same_as][value=new]").check()
    page.locator("input[name=REGISTERED-house]").fill(LONG)
    page.locator("input[name=agreement]").check()
    assert page.locator("input[name=REGISTERED-document]").input_value() == ""
    assert page.get_by_text("We have IMG_0412.jpg").is_visible()
    assert page.locator("input[name=REGISTERED-reference]").input_value() == "S-0071234"
    send.click()
    page.wait_for_url("**/me/applications/**")
    row = Evidence.objects.get()
    assert (row.document_name, row.reference) == ("IMG_0412.jpg", "S-0071234")
    assert row.holder_name.startswith("Maison ʔakisq")
    page.context.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_joining_has_nothing_for_axe_to_mend(
    chromium: Any, live_server: Any, community: Community, criteria: None, newcomer: Any,
    sign_in: Any, settings: Any, tmp_path: Any, size: Any,
) -> None:  # fmt: skip
    settings.MEDIA_ROOT = str(tmp_path)
    make_organization(LONG, city="Creston")
    cohort = make_community("cohort", admission_policy="invitation")
    row = send_invitation(
        community=cohort, email=newcomer.email, by=make_staff(cohort, name=LONG),
        now=timezone.now(), words=LONG,
    )  # fmt: skip
    page = browser_of(chromium, live_server, sign_in(newcomer), size, bypass_csp=True)
    trouble = []
    page.goto("/every-door/join/?q=maison")
    trouble += complaints(page)
    page.goto(f"/every-door/join/?new={LONG}")
    trouble += complaints(page)
    fill(page)
    trouble += complaints(page)
    page.get_by_role("button", name="Send my application").click()
    page.get_by_role("alert").wait_for()
    assert page.locator("[data-focus]").evaluate("one => one === document.activeElement")
    trouble += complaints(page)
    page.goto(invitation_url(row).replace(site.SITE_URL, ""))
    trouble += complaints(page)
    stranger = make_person("Stranger")
    other = browser_of(chromium, live_server, sign_in(stranger), size, bypass_csp=True)
    other.goto(invitation_url(row).replace(site.SITE_URL, ""))
    trouble += complaints(other)
    assert trouble == []
    assert not MembershipApplication.objects.exists()
    page.context.close()
    other.context.close()
