"""The main job, end to end: a newcomer applies, staff decide, the member answers a meeting, gets
the reminder, finds a resource, reads the newsletter, and stops it with one click."""

import io
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page

from library.actions import submit_resource
from meetings.actions import answer_rsvp, queue_reminders
from meetings.models import Meeting, Rsvp
from members.models import Community, MembershipApplication, User
from newsletter.models import NewsletterIssue
from outbox.models import Delivery, Subscription
from tests.clock import next_noon
from tests.factories import make_meeting, make_member, make_organization, make_staff
from tests.journeys.conftest import (
    DESKTOP,
    PHONE,
    code_of,
    link_of,
    no_sideways_scroll,
    text_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEWCOMER = "dani@people.example"


def photo() -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", (600, 400), "#cde").save(buffer, "JPEG")
    return {"name": "IMG_0412.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def apply_to_join(page: Page, community: Community, post: Any) -> None:
    page.goto("/")
    page.get_by_role("link", name="Join").first.click()
    no_sideways_scroll(page)
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Your name").fill("Dani Achebe-Roy")
    page.get_by_label("E-mail", exact=False).first.fill(NEWCOMER)
    no_sideways_scroll(page)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/confirm-email/**")
    page.locator("input[name=code]").fill(code_of(post(NEWCOMER)))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/join/**")

    page.locator("#id_q").press_sequentially("ceda")
    page.get_by_role("link", name="Cedar Lantern").click()
    page.locator("input[name=applying_as][value=provider]").check()
    page.get_by_label("What kind of role is it?").select_option("front_line")
    page.locator("input[name=criterion][value=REGISTERED]").check()
    page.locator("input[name=REGISTERED-reference]").fill("Lantern House, Surrey")
    page.locator("input[name=REGISTERED-document]").set_input_files(photo())
    for box in page.locator("input[name=lists]").all():
        assert not box.is_checked()
    page.locator("input[name=agreement]").check()
    page.locator("input[name=lists][value=newsletter]").check()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Send my application").click()
    page.wait_for_url("**/me/applications/**")
    assert page.get_by_text("Received").first.is_visible()


def sign_in_as_staff(page: Page, person: User, post: Any) -> None:
    """By code, then the second factor that the desk asks for, set up on the way."""
    page.goto("/desk/")
    page.get_by_label("E-mail", exact=False).first.fill(person.email)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/code/confirm/**")
    page.locator("input[name=code]").fill(code_of(post(person.email)))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/totp/activate/**")
    secret = page.locator("#totp-secret").text_content()
    counter = int(timezone.now().timestamp()) // 30
    code = format_hotp_value(hotp_value(secret.replace(" ", "").strip(), counter))
    page.locator("input[name=code]").fill(code)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/recovery-codes/**")
    page.goto("/desk/")


def approve(page: Page) -> None:
    page.get_by_role("link", name="1 application waits").click()
    page.get_by_role("link", name="Dani Achebe-Roy").click()
    page.locator("input[name=verify_evidence]").check()
    page.locator("select[name=check_method]").select_option("public_register")
    page.locator("input[name=valid_to]").fill("2027-03-31")
    page.get_by_role("button", name="Approve").click()
    assert page.get_by_text("This mail goes out").is_visible()
    page.locator("button[name=confirmed]").click()


def create_meeting(page: Page, day: str) -> None:
    page.goto("/desk/meetings/meeting/add/")
    page.locator("#id_title").fill("Cultural safety in practice")
    page.locator("#id_facilitator").select_option(label="Priya Lindqvist")
    page.locator("#id_local_date").fill(day)
    page.locator("#id_local_time").fill("10:00")
    page.locator("#id_join_url").fill("https://video.example/secret-room")
    page.locator("#id_dial_in").fill("236-555-0142, code 55#")
    page.locator("input[name=_save], button[name=_save]").first.click()
    page.goto("/desk/meetings/meeting/")
    page.get_by_role("link", name="Cultural safety").click()
    meeting = page.url
    page.get_by_role("link", name="Agenda", exact=True).click()
    page.get_by_label("Learning session").check()
    page.get_by_role("button", name="Take this format").click()
    page.goto(meeting)
    page.get_by_role("link", name="Announce", exact=False).first.click()
    page.locator("form.desk-card button[type=submit], input[type=submit].default").last.click()


def send_newsletter(page: Page, issue: NewsletterIssue) -> None:
    page.goto(f"/desk/newsletter/newsletterissue/{issue.pk}/change/")
    page.locator("button[name=then][value=draft]").click()
    page.locator("input[name=subject]").fill("A drill in ten minutes")
    page.locator("textarea[name=intro]").fill("Short and **useful** this time.")
    page.locator("button[name=then][value=checks]").click()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Send …").click()
    thin = page.locator("input[name=confirmed]")
    if thin.count():
        thin.check()
    with page.expect_navigation():
        page.get_by_role("button", name="Send it now to 1 person").click()


@pytest.fixture
def staff(community: Community) -> User:
    person = make_staff(community, "coordinator", "Priya Lindqvist")
    organization = make_organization("Cedar Lantern Recovery Society", city="Surrey")
    assert organization.pk
    for title in ("Overdose drill script", "Night-shift handover card"):
        submit_resource(
            community=community,
            person=person,
            now=timezone.now() - timedelta(hours=1),
            publish=True,
            kind="tool",
            title=title,
            summary="For five people and ten minutes.",
            body="Read it aloud together, then try it.",
            visibility="members",
        )
    return person


def test_main_job(community: Community, staff: User, open_browser: Any, post: Any) -> None:
    zone = ZoneInfo("America/Vancouver")
    day = (timezone.now().astimezone(zone) + timedelta(days=30)).date()
    today = timezone.now().date()
    issue = NewsletterIssue.objects.create(
        community=community,
        number=1,
        period_from=today - timedelta(days=60),
        period_to=today + timedelta(days=1),
        send_on=today + timedelta(days=1),
    )
    phone, desk = open_browser(PHONE), open_browser(DESKTOP)

    # 1. A newcomer applies, on a phone.
    apply_to_join(phone, community, post)
    assert "application" in post(NEWCOMER)["Subject"].lower()

    # 2. Staff decide at the desk, behind a second factor, and announce a meeting.
    sign_in_as_staff(desk, staff, post)
    approve(desk)
    assert MembershipApplication.objects.get().state == "approved"
    create_meeting(desk, day.isoformat())
    meeting = Meeting.objects.get()
    assert meeting.state == "scheduled"

    # 3. The welcome leads to the meetings; the member answers.
    assert "welcome" in (post(NEWCOMER)["Subject"] + text_of(post(NEWCOMER))).lower()
    phone.goto("/every-door/meetings/")
    no_sideways_scroll(phone)
    phone.get_by_role("link", name="Cultural safety in practice").click()
    assert "secret-room" not in phone.content()
    # On a phone it stands on the card, and within reach of the thumb.
    phone.get_by_role("button", name="I'll be there").first.click()
    phone.get_by_text("You are coming").first.wait_for()
    meeting.refresh_from_db()
    assert meeting.going_count == 1
    confirmation = post(NEWCOMER)
    assert any(part.get_content_type() == "text/calendar" for part in confirmation.walk())
    assert "secret-room" not in confirmation.as_string()

    # 4. The reminders: a day before without the link, half an hour before with it.
    day_before = meeting.starts_at - timedelta(hours=23, minutes=55)
    queue_reminders(now=day_before)
    reminder = post(NEWCOMER, now=day_before)
    assert "10:00" in text_of(reminder)
    assert "secret-room" not in reminder.as_string()
    half_hour = meeting.starts_at - timedelta(minutes=29)
    queue_reminders(now=half_hour)
    queue_reminders(now=half_hour)
    with_link = post(NEWCOMER, now=half_hour)
    # Nobody's mail contains the address: the link checks who comes, and leads on.
    assert "secret-room" not in with_link.as_string()
    assert "/join/" in link_of(with_link, "/join/")

    # 5. A shift changed: the link in the mail answers without signing in, after one more tap.
    elsewhere = open_browser(PHONE)
    elsewhere.goto(link_of(reminder, "/rsvp/"))
    no_sideways_scroll(elsewhere)
    meeting.refresh_from_db()
    assert meeting.going_count == 1

    # 6. The library finds a tool by a word, mistyped capitals and all.
    phone.goto("/every-door/library/")
    phone.locator("main input[name=q]").fill("overdose DRILL")
    phone.locator("main input[name=q]").press("Enter")
    phone.get_by_role("link", name="Overdose drill script").click()
    assert phone.get_by_text("Read it aloud together").is_visible()
    no_sideways_scroll(phone)

    # 7. The newsletter: drafted from what happened, sent once, read, stopped with one click.
    send_newsletter(desk, issue)
    desk.reload()
    # Whatever the hour of this run: nothing leaves at night where the reader lives.
    digest = post(NEWCOMER, now=next_noon())
    assert digest["Subject"] == "A drill in ten minutes"
    assert "Overdose drill script" in text_of(digest)
    one_click = digest["List-Unsubscribe"].strip(" <>")
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    elsewhere.goto(one_click)
    assert Subscription.objects.get(mailing_list__kind="newsletter").state == "subscribed"
    no_sideways_scroll(elsewhere)
    elsewhere.get_by_role("button", name="Stop this mail").click()
    elsewhere.get_by_text("no more of this mail").wait_for()
    assert Subscription.objects.get(mailing_list__kind="newsletter").state == "unsubscribed"
    assert Delivery.objects.filter(state__in=["failed", "uncertain"]).count() == 0


def test_a_link_from_a_mail_takes_the_answer_without_signing_in(
    community: Community, open_browser: Any, post: Any
) -> None:
    """In a real browser: these pages may not make it hide where a form comes from."""
    dani = make_member(community, "Dani Achebe-Roy")
    meeting = make_meeting(community, local_date=timezone.now().date() + timedelta(days=3))
    answer_rsvp(meeting=meeting, person=dani, answer="going", now=timezone.now())

    phone = open_browser(PHONE)
    phone.goto(link_of(post(dani.email), "/rsvp/"))
    with phone.expect_navigation():
        phone.get_by_role("button", name="send me the materials").click()
    assert Rsvp.objects.get(person=dani).state == "send_materials"

    with phone.expect_navigation():
        phone.get_by_role("button", name="Français").click()
    assert phone.locator("html").get_attribute("lang") == "fr"
