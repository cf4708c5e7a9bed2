"""Journey 3.4: doubtful papers, a question, a decline, a second look, and what follows from it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from members.actions.standing import keep_standing
from members.models import (
    Affiliation,
    Appeal,
    Community,
    Criterion,
    Evidence,
    Membership,
    MembershipApplication,
    Organization,
    RoleGrant,
    User,
)
from tests.clock import next_noon
from tests.factories import make_member, make_organization, make_person, make_staff
from tests.journeys.conftest import DESKTOP, link_of, no_sideways_scroll, text_of
from tests.journeys.test_main_job import photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOUSE = "Lantern Street Sober Living"
RUMOUR = "somebody told us about the house"


@pytest.fixture
def cast(community: Community) -> dict[str, User]:
    """Anneke reviews, Priya coordinates; Joss and Amrit may sit on a panel, three others not."""
    Criterion.objects.create(
        community=community, code="PROV_FUNDED", label="Funded by the province", position=9,
        help_text="A letter or the first page of the agreement, amounts covered.",
    )  # fmt: skip
    people = {
        "marcus": make_person("Marcus Feld"),
        "anneke": make_staff(community, "reviewer", "Anneke Vos"),
        "priya": make_staff(community, "coordinator", "Priya Lindqvist"),
        "joss": make_staff(community, "core_group", "Joss Amari"),
        "amrit": make_staff(community, "moderator", "Amrit Sandhu"),
        "rival": make_staff(community, "librarian", "Robin Rival"),
        "funder": make_staff(community, "facilitator", "Fay Funder"),
    }
    rival = make_organization("Next Door House", city="Surrey")
    fund = make_organization("Coast Health, contracts", kind="funder", is_regulator_or_funder=True)
    for person, organization in (("rival", rival), ("funder", fund)):
        Affiliation.objects.create(
            person=people[person], organization=organization, state="confirmed"
        )
    assert RoleGrant.objects.count() == 6
    return people


def apply_with_wrong_number(page: Page) -> None:
    page.goto("/every-door/join/")
    page.locator("#id_q").fill("Lantern Street")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="My organization is not listed").click()
    page.locator("input[name=proposed_name]").fill(HOUSE)
    page.locator("input[name=proposed_city]").fill("Surrey")
    page.locator("input[name=applying_as][value=provider]").check()
    page.get_by_label("What kind of role is it?").select_option("manager")
    page.locator("input[name=criterion][value=REGISTERED]").check()
    page.locator("input[name=REGISTERED-reference]").fill("S-0071234")
    page.locator("input[name=REGISTERED-document]").set_input_files(photo())
    page.locator("input[name=agreement]").check()
    page.get_by_role("button", name="Send my application").click()


def decide(page: Page, application: MembershipApplication, button: str, **form: Any) -> None:
    """At the desk: the reasons, the words, the mail, the button."""
    page.goto(f"/desk/members/membershipapplication/{application.pk}/change/")
    for fold in page.locator("details").all():
        fold.evaluate("fold => { fold.open = true }")
    for code in form.get("codes", ()):
        page.locator(f"input[value={code}]").check()
    page.locator("textarea[name=message]").fill(form["message"])
    page.get_by_role("button", name=button, exact=True).click()
    assert page.get_by_text("This mail goes out").is_visible()
    page.locator("button[name=confirmed]").click()


def answer(page: Page, application: MembershipApplication, words: str) -> None:
    page.goto(application.get_absolute_url())
    no_sideways_scroll(page)
    page.locator("textarea[name=answer]").fill(words)
    page.locator("input[name=document]").set_input_files(photo())
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_text("You need do nothing now").wait_for()


def ask_again(page: Page, application: MembershipApplication) -> Appeal:
    page.goto(application.get_absolute_url())
    assert page.get_by_text("Stay as an ally").is_visible()
    assert RUMOUR not in page.content()
    page.get_by_role("link", name="Ask us to look again").click()
    no_sideways_scroll(page)
    page.locator("input[name=ground][value=new_evidence]").check()
    page.locator("textarea[name=text]").fill("Coast Health contracts four beds from next month.")
    page.locator("input[name=competitor]").fill("Next Door House")
    page.locator("input[type=file]").set_input_files(photo())
    page.get_by_role("button", name="Ask to look again").click()
    page.get_by_text("Other people look at it again").first.wait_for()
    return Appeal.objects.get()


def seat_the_panel(page: Page, appeal: Appeal) -> None:
    page.goto(f"/desk/members/appeal/{appeal.pk}/change/")
    could = page.locator("section", has=page.get_by_role("heading", name="Who could sit"))
    for out in ("Anneke Vos", "Robin Rival", "Fay Funder", "Marcus Feld"):
        assert could.get_by_text(out).count() == 0, out
    for name in ("Joss Amari", "Amrit Sandhu"):
        page.locator("button[value=seat]", has_text=name).click()
        page.get_by_text(f"Asked: {name}").wait_for()


def vote(page: Page, appeal: Appeal) -> None:
    page.goto("/me/appeals/")
    no_sideways_scroll(page)
    page.get_by_role("link", name="Marcus Feld").first.click()
    assert page.get_by_text("Coast Health contracts four beds").is_visible()
    page.locator("input[name=vote][value=uphold]").check()
    page.get_by_role("button", name="Vote", exact=True).click()
    page.get_by_text("Your vote is kept").wait_for()


def write_verdict(page: Page, appeal: Appeal, begins: date) -> None:
    page.goto(f"/me/appeals/{appeal.public_id}/")
    no_sideways_scroll(page)
    page.locator("textarea[name=reasons]").fill("The letter is true. The contract begins then.")
    page.locator("input[name=effective_on]").fill(begins.isoformat())
    page.locator("select[name=criterion]").select_option(label="Funded by the province")
    page.locator("select[name=check_method]").select_option("issuer_contact")
    page.locator("input[name=valid_from]").fill(begins.isoformat())
    page.get_by_role("button", name="Write the decision and send it").click()
    page.get_by_text("The decision is written").wait_for()


def test_decline_and_second_look(
    community: Community, cast: dict[str, User], page_of: Any, post: Any
) -> None:
    marcus = cast["marcus"]
    phone, desk = page_of(marcus), page_of(cast["anneke"], DESKTOP)
    noon = next_noon()

    # 1, 2. He proposes his house, with the number of his society.
    apply_with_wrong_number(phone)
    phone.wait_for_url("**/me/applications/**")
    application = MembershipApplication.objects.get()
    assert Organization.objects.get(name=HOUSE).status == "proposed"

    # 3, 4. It is not in the register: a question, with the day by which to answer.
    decide(
        desk, application, "Ask for more", codes=["WRONG_REGISTRATION_TYPE"],
        message="This is your society's number. Please send the registration of the residence.",
    )  # fmt: skip
    asked = text_of(post(marcus.email))
    application.refresh_from_db()
    assert application.state == "info_requested"
    assert application.get_absolute_url() in asked

    # 5. A reminder after a week and after three; then a paper, which tells of clients.
    for days in (7, 21):
        keep_standing(now=noon + timedelta(days=days))
        keep_standing(now=noon + timedelta(days=days, hours=1))
        mail = post(marcus.email, now=noon + timedelta(days=days, hours=1))
        assert application.get_absolute_url() in text_of(mail)
    answer(phone, application, "The statement of the ministry.")
    paper = application.evidence.order_by("-submitted_at").first()
    assert paper.document

    # 7. Nothing shows it: a decline with words, an ally's place, and the way to ask again.
    decide(
        desk, application, "Decline", codes=["NO_CRITERION_MET"],
        message="No way to qualify fits yet. Send the registry's letter once you have it.",
    )  # fmt: skip
    declined = post(marcus.email)
    assert "30 days" in text_of(declined)
    assert RUMOUR not in text_of(declined)
    assert f"{application.get_absolute_url()}appeal/" in link_of(declined, "appeal")

    # 8. He asks again; the house proposes who may look, and keeps out who may not.
    appeal = ask_again(phone, application)
    assert appeal.competitor.name == "Next Door House"
    seat_the_panel(page_of(cast["priya"], DESKTOP), appeal)

    # 9. Two people without a desk read, vote and write it down, from a day on.
    today = timezone.localdate(timezone=noon.tzinfo)
    begins = (today.replace(day=1) + timedelta(days=40)).replace(day=1)
    panel = {name: page_of(cast[name]) for name in ("joss", "amrit")}
    for page in panel.values():
        vote(page, appeal)
    assert "/me/appeals/" in text_of(post(cast["amrit"].email))
    write_verdict(panel["amrit"], appeal, begins)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.effective_on) == ("upheld", begins)
    told = text_of(post(marcus.email))
    assert "Joss" not in told
    assert "Amrit" not in told
    assert Membership.objects.get(person=marcus).category == "ally"

    # 10. On that day he belongs, once.
    first = noon + (begins - noon.date()) + timedelta(hours=1)
    keep_standing(now=first - timedelta(days=1))
    assert Membership.objects.get(person=marcus).category == "ally"
    keep_standing(now=first)
    keep_standing(now=first + timedelta(hours=1))
    assert Membership.objects.get(person=marcus).category == "member"
    assert "welcome" in post(marcus.email, now=first + timedelta(hours=2))["Subject"].lower()
    assert Evidence.objects.get(criterion__code="PROV_FUNDED").valid_from == begins

    # 11. The numbers know of it; whoever declined finds what the panel said.
    desk.goto("/desk/members/appeal/mine/")
    assert desk.get_by_text("The letter is true").is_visible()


def test_control_who_declined_cannot_sit(community: Community, cast: dict[str, User]) -> None:
    """What keeps Anneke out above is that she declined, not that nobody thought of her."""
    from members.queries.appeals import panel_candidates

    application = MembershipApplication.objects.create(
        community=community, person=cast["marcus"], organization=make_organization(HOUSE),
        submitted_at=timezone.now(), due_on=timezone.now().date(), state="appealed",
    )  # fmt: skip
    appeal = Appeal.objects.create(
        application=application, ground="process", text="x", opened_at=timezone.now(),
        due_on=timezone.now().date(),
    )  # fmt: skip
    today = timezone.now().date()
    assert cast["anneke"] in panel_candidates(appeal, today)
    MembershipApplication.objects.update(reviewer=cast["anneke"])
    assert cast["anneke"] not in panel_candidates(Appeal.objects.get(), today)
    assert make_member(community, "Somebody") not in panel_candidates(appeal, today)
