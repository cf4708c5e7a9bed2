"""Journey 3.3, the two-month newsletter: drafted by the clock, written by an editor, looked
through, tested, approved by a second person, sent, followed, stopped by one, reported."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from members.models import Community
from newsletter.actions import close_issues, make_due_drafts, settle_issues
from newsletter.models import NewsletterIssue
from outbox.actions import find_mailing_list, update_subscriptions
from outbox.models import Delivery, Subscription
from tests.factories import make_meeting, make_member, make_staff
from tests.journeys.conftest import DESKTOP, PHONE, link_of, no_sideways_scroll, text_of
from tests.newsletter.makers import make_resource

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def issue(community: Community) -> NewsletterIssue:
    now = timezone.now()
    community.languages = ["en", "fr"]
    community.contact_email = "hello@everydoor.example"
    community.save()
    make_meeting(community, title="Peer input", audience="public", state="scheduled",
                 local_date=now.date() + timedelta(days=20))  # fmt: skip
    make_resource(community, title="Open card", visibility="public",
                  published_at=now - timedelta(days=3))  # fmt: skip
    make_resource(community, title="Secret case study", visibility="members",
                  published_at=now - timedelta(days=2))  # fmt: skip
    return NewsletterIssue.objects.create(
        community=community, number=6, period_from=now.date() - timedelta(days=60),
        period_to=now.date() + timedelta(days=9), send_on=now.date() + timedelta(days=13),
    )  # fmt: skip


def subscribe(person: Any, community: Community) -> None:
    update_subscriptions(
        person=person, scope=community.public_id, kinds={"newsletter"}, source="test",
        now=timezone.now() - timedelta(days=90),
    )  # fmt: skip


def test_from_draft_to_report(
    community: Community, issue: NewsletterIssue, page_of: Any, open_browser: Any, post: Any,
    mailbox: Any,
) -> None:  # fmt: skip
    tomasz = make_staff(community, "editor", "Tomasz Iverson")
    priya = make_staff(community, "coordinator", "Priya Lindqvist")
    # Their zone has no night now, whenever this runs.
    dani, bea = (make_member(community, name) for name in ("Dani Achebe-Roy", "Bea Castellano"))
    zone = awake_zone()
    for person in (dani, bea):
        subscribe(person, community)
        person.timezone = zone
        person.save()
    Subscription.objects.create(
        mailing_list=find_mailing_list(community.public_id, "newsletter"),
        address="reader@one.example", state="subscribed", changed_at=timezone.now(),
    )  # fmt: skip

    # Day -14: the clock drafts, and says so with a link.
    make_due_drafts(now=timezone.now())
    told = post(tomasz.email)
    page = page_of(tomasz, DESKTOP)
    page.goto(link_of(told, "/desk/newsletter/"))
    expect(page.get_by_label("Title", exact=True).first).to_have_value("Peer input")
    assert issue.items.count() == 3
    page.get_by_text("What the draft left out, and why").click()
    expect(page.get_by_text("Secret case study: for members only")).to_be_visible()

    # He writes; it saves itself. Somebody is named, and is asked.
    page.get_by_label("Subject", exact=True).fill("Quieter nights")
    page.get_by_label("Subject in French").fill("Des nuits plus calmes")
    page.get_by_label("Opening words", exact=True).fill("Thanks to Dani Achebe-Roy for the tea.")
    expect(page.locator("#issue-status")).to_contain_text("Saved by itself", timeout=15_000)
    page.get_by_role("button", name="Look it through").click()
    expect(page.get_by_text("1 thing has to be mended first")).to_be_visible()
    page.get_by_role("link", name="Ask them, or note what they said").click()
    page.get_by_role("button", name="Ask by e-mail").click()
    phone = open_browser(PHONE)
    phone.goto(link_of(post(dani.email), "/named/"))
    expect(phone.get_by_text("for the tea")).to_be_visible()
    no_sideways_scroll(phone)
    phone.get_by_role("button", name="Yes, name me").click()
    expect(phone.get_by_role("heading", name="You said yes")).to_be_visible()

    # Day -4: a test to an address of the board.
    page.get_by_role("link", name="Back to the issue").click()
    page.get_by_role("button", name="Look it through").click()
    page.get_by_label("More addresses").fill("board@one.example")
    page.get_by_role("button", name="Send the test").click()
    expect(page.get_by_text("on its way to 2 addresses")).to_be_visible()
    seen = text_of(post("board@one.example"))
    assert "Secret case study" not in seen
    # Whoever wrote the last change does not approve.
    assert not page.get_by_role("button", name="Approve").is_visible()

    boss = page_of(priya, DESKTOP)
    boss.goto(f"/desk/newsletter/newsletterissue/{issue.pk}/checks/")
    boss.get_by_role("button", name="Approve").click()
    boss.get_by_role("link", name="Send …").click()
    expect(boss.get_by_role("heading", name="3 people get it")).to_be_visible()
    boss.get_by_role("button", name="Send it now to 3 people").click()
    boss.get_by_role("button", name="Take it back").click()
    expect(boss.get_by_text("Nobody has got it")).to_be_visible()
    assert not Delivery.objects.filter(kind="newsletter", state="queued").exists()
    boss.get_by_role("button", name="Send …").click()
    boss.get_by_role("button", name="Send it now to 3 people").click()

    # It leaves, each edition to its readers, each address once.
    later = timezone.now() + timedelta(minutes=6)
    inside = text_of(post(dani.email, now=later))
    outside = text_of(mailbox.to("reader@one.example")[-1])
    assert "Secret case study" in inside
    assert "Secret case study" not in outside
    assert Delivery.objects.filter(kind="newsletter", state="sent").count() == 3
    assert len(mailbox.to("reader@one.example")) == 1

    # The browser lives by the real clock: for it the mail leaves now.
    NewsletterIssue.objects.update(sent_at=timezone.now())
    # A link is followed, by nobody in particular; one reader stops it with two taps.
    phone.goto(re.search(r"http\S+/newsletter/6/go/\w+/", outside)[0])
    issue.refresh_from_db()
    assert sum(issue.links.values_list("clicks", flat=True)) == 1
    phone.goto(link_of(mailbox.to("reader@one.example")[-1], "/unsubscribe/"))
    phone.get_by_role("button").first.click()

    settle_issues(now=later)
    close_issues(now=later + timedelta(days=8))
    boss.goto(f"/desk/newsletter/newsletterissue/{issue.pk}/report/")
    expect(boss.get_by_text("These numbers are final")).to_be_visible()
    row = boss.get_by_role("row", name=re.compile("Delivered")).first
    expect(row).to_contain_text("3")
    stopped = boss.get_by_role("row", name=re.compile("Stopped the newsletter since"))
    expect(stopped).to_contain_text("1")
    assert "dani" not in boss.content().lower()
    phone.goto(f"/{community.slug}/newsletter/6/")
    expect(phone.get_by_role("heading", name="Quieter nights")).to_be_visible()
    assert "Secret case study" not in phone.content()


def awake_zone() -> str:
    """A zone in which it is about noon: mail waits for the morning of its reader."""
    hour = timezone.now().hour
    return f"Etc/GMT{hour - 12:+d}" if hour != 12 else "UTC"
