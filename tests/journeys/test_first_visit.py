"""Journey 3.1: from the first tap to the first meeting, on a phone; once by hand, once by keys."""

from datetime import timedelta
from typing import Any, Protocol

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page

from meetings.models import Meeting
from members.models import Affiliation, Community, Evidence, Membership, MembershipApplication
from outbox.models import Subscription
from tests.factories import make_meeting, make_organization, make_person
from tests.journeys.conftest import PHONE, code_of, link_of, no_sideways_scroll, text_of
from tests.smtp import Box

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DANI = "dani@people.example"
MOST_SCREENS, MOST_MAILS = 6, 2


class Hands(Protocol):
    def press(self, target: Locator) -> None: ...
    def write(self, target: Locator, words: str) -> None: ...


class Fingers:
    """Taps, as on a phone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, words: str) -> None:
        target.fill("")
        target.press_sequentially(words)


class Keys:
    """Tab, arrows, space and Enter; the pointer is never used."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        for _turn in range(90):
            if target.evaluate("one => one === document.activeElement"):
                return
            if self._is_beside(target):
                self.page.keyboard.press("ArrowDown")
            else:
                self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")

    def _is_beside(self, target: Locator) -> bool:
        """Another radio button of the same group has the focus: arrows go on from there."""
        return target.evaluate(
            "one => one.type === 'radio' && document.activeElement.type === 'radio'"
            " && document.activeElement.name === one.name"
        )

    def press(self, target: Locator) -> None:
        self._reach(target)
        kind = target.evaluate("one => one.type || one.tagName.toLowerCase()")
        if kind == "radio" and target.is_checked():
            return
        self.page.keyboard.press("Space" if kind in {"radio", "checkbox"} else "Enter")

    def write(self, target: Locator, words: str) -> None:
        self._reach(target)
        self.page.keyboard.type(words)


@pytest.fixture
def eligible_house(community: Community) -> Any:
    """Cedar Lantern counts already, and Mina speaks for it. Its people write from free mail."""
    house = make_organization("Cedar Lantern Recovery Society", city="Surrey")
    Evidence.objects.create(
        organization=house, criterion=community.criteria.get(), state="verified",
        submitted_at=timezone.now(), valid_to=timezone.now().date() + timedelta(days=200),
        checked_at=timezone.now(), check_method="public_register",
    )  # fmt: skip
    mina = make_person("Mina Hart")
    Affiliation.objects.create(person=mina, organization=house, state="confirmed", is_contact=True)
    make_meeting(
        community, title="Sleep and shift work", audience="members_and_allies",
        local_date=(timezone.now() + timedelta(days=20)).date(),
    )  # fmt: skip
    return house


def make_account(page: Page, hands: Hands, post: Any) -> int:
    """Name and address, then the code from the mail. Returns how many screens it took."""
    page.goto("/every-door/")
    no_sideways_scroll(page)
    assert page.get_by_text("Join").first.is_visible()
    hands.press(page.get_by_role("link", name="Join", exact=True).first)
    page.wait_for_url("**/join/**")
    screens = 1
    no_sideways_scroll(page)
    hands.press(page.get_by_role("link", name="Make an account"))
    page.wait_for_url("**/signup/**")
    screens += 1
    assert page.locator("input[type=password]").count() == 0
    hands.write(page.get_by_label("Your name"), "Dani Achebe-Roy")
    hands.write(page.locator("input[type=email]"), DANI)
    no_sideways_scroll(page)
    hands.press(page.locator("main form button[type=submit]").first)
    page.wait_for_url("**/confirm-email/**")
    screens += 1
    hands.write(page.locator("input[name=code]"), code_of(post(DANI)))
    hands.press(page.locator("main form button[type=submit]").first)
    page.wait_for_url("**/join/**")
    return screens


def ask_to_join(page: Page, hands: Hands) -> int:
    """Where one works, the role, the ground rules. Returns how many screens it took."""
    hands.write(page.locator("#id_q"), "ceda")
    suggested = page.get_by_role("link", name="Cedar Lantern Recovery Society")
    suggested.wait_for()
    row = page.locator("li", has=suggested)
    assert row.inner_text().split() == ["Cedar", "Lantern", "Recovery", "Society", "Surrey"]
    hands.press(suggested)
    page.locator("input[name=agreement]").wait_for()
    no_sideways_scroll(page)
    hands.press(page.locator("input[name=applying_as][value=provider]"))
    role = page.locator("select[name=role_group]")
    if isinstance(hands, Keys):
        hands._reach(role)
        page.keyboard.type("Front")
    else:
        role.select_option("front_line")
    for box in page.locator("input[name=lists]").all():
        assert not box.is_checked()
    hands.press(page.locator("input[name=agreement]"))
    hands.press(page.get_by_role("button", name="Send my application"))
    page.wait_for_url("**/me/applications/**")
    no_sideways_scroll(page)
    return 3


@pytest.mark.parametrize("way", [Fingers, Keys])
def test_joining_without_a_click_of_staff(
    community: Community, eligible_house: Any, open_browser: Any, post: Any, mailbox: Box, way: Any
) -> None:
    phone = open_browser(PHONE)
    hands = way(phone)

    # 1 to 6. From the first tap to the screen that says: wait.
    screens = make_account(phone, hands, post) + ask_to_join(phone, hands)
    assert screens <= MOST_SCREENS
    application = MembershipApplication.objects.get()
    assert application.state == "submitted"
    assert application.agreement is not None
    assert Subscription.objects.filter(state="subscribed").count() == 0
    assert not Affiliation.objects.filter(person=application.person, state="confirmed").exists()
    assert phone.get_by_text("Sleep and shift work").first.is_visible()
    assert application.get_absolute_url() in text_of(post(DANI))
    assert len(mailbox.to(DANI)) == MOST_MAILS

    # 7. The contact says yes from the mail, without signing in; opening the link does nothing.
    contact = Affiliation.objects.get(is_contact=True).person
    link = link_of(post(contact.email), "works-here")
    other = open_browser(PHONE)
    other.goto(link)
    no_sideways_scroll(other)
    assert Membership.objects.count() == 0
    way(other).press(other.locator("button[value=yes]"))
    other.get_by_role("heading", name="Thank you").wait_for()
    member = Membership.objects.get()
    assert (member.person.email, member.category, member.state) == (DANI, "member", "active")
    application.refresh_from_db()
    assert application.reviewer is None
    welcome = post(DANI)
    assert "welcome" in welcome["Subject"].lower()
    assert "Sleep and shift work" in text_of(welcome)

    # 8, 9. The first visit: the next meeting, and a seat in it.
    phone.goto("/every-door/")
    no_sideways_scroll(phone)
    hands.press(phone.get_by_role("link", name="Sleep and shift work").first)
    going = phone.get_by_role("button", name="I'll be there").first
    hands.press(going)
    phone.get_by_role("link", name="Calendar file").first.wait_for()
    assert Meeting.objects.get().going_count == 1


def test_control_an_unknown_house_waits_for_a_person(
    community: Community, eligible_house: Any, open_browser: Any, post: Any
) -> None:
    """Without evidence that counts, the contact's yes makes no member: it was the evidence."""
    Evidence.objects.update(state="rejected")
    phone = open_browser(PHONE)
    make_account(phone, Fingers(phone), post)
    phone.locator("#id_q").press_sequentially("ceda")
    phone.get_by_role("link", name="Cedar Lantern Recovery Society").click()
    assert phone.locator("input[name=criterion]").count() > 0
