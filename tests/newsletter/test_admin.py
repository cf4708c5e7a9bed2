from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from newsletter.actions import send_issue, update_issue
from newsletter.items import IssueText
from newsletter.models import NewsletterIssue
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW, make_staff
from tests.newsletter.makers import (
    make_approved,
    make_issue,
    make_item,
    make_resource,
    subscribe,
)

pytestmark = pytest.mark.django_db
LIST = f"/{settings.DESK_PATH}/newsletter/newsletterissue/"
MAY = {"priya", "admin"}
PAGES = ["change", "send", "preview", "mail"]


def url(issue, page="change"):
    if page == "change":
        return reverse("admin:newsletter_newsletterissue_change", args=[issue.pk])
    return reverse(f"admin:newsletter_issue_{page}", args=[issue.pk])


def form_data(issue, *, then="", new_title="", **fields):
    items = list(issue.items.order_by("position", "pk"))
    data = {
        "subject": issue.subject,
        "intro": issue.intro,
        "version": issue.version,
        "then": then,
        "items-TOTAL_FORMS": len(items) + 1,
        "items-INITIAL_FORMS": len(items),
        f"items-{len(items)}-is_included": "on",
        f"items-{len(items)}-edition": "public",
        f"items-{len(items)}-title": new_title,
    }
    for number, item in enumerate(items):
        values = {
            "pk": item.pk,
            "position": item.position,
            "title": item.title,
            "text": item.text,
            "edition": item.edition,
        } | ({"is_included": "on"} if item.is_included else {})
        data |= {f"items-{number}-{name}": value for name, value in values.items()}
    return data | fields


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", CAST)
def test_desk_pages_are_for_editors_and_coordinators_here(request, sign_in, community, who, page):
    issue = make_issue(community, state="draft")

    status = sign_in(request.getfixturevalue(who)).get(url(issue, page)).status_code

    # Without any desk of one's own: to the sign-in. With another one: it does not exist.
    expected = 200 if who in MAY else 404 if who == "outsider" else 302
    assert status == expected


@pytest.mark.parametrize("page", ["send", "cancel", "resume"])
@pytest.mark.parametrize("who", [name for name in CAST if name not in MAY])
def test_desk_steps_are_refused_to_others(request, sign_in, community, who, page, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)

    status = sign_in(request.getfixturevalue(who)).post(url(issue, page)).status_code

    assert status in {302, 404}
    assert NewsletterIssue.objects.get().state == "approved"
    assert not Delivery.objects.exists()


def test_a_reviewer_has_a_desk_but_no_newsletter(sign_in, community):
    client = sign_in(make_staff(community, "reviewer"))

    assert client.get(url(make_issue(community))).status_code == 404
    assert client.get(LIST).status_code == 403


def test_issue_list_shows_ones_own_communities(sign_in, community, other_community, priya):
    make_issue(community, subject="Ours")
    make_issue(other_community, subject="Theirs")

    body = sign_in(priya).get(LIST).content.decode()

    assert "Ours" in body
    assert "Theirs" not in body


def count_queries(client, address):
    # The first page of a session also writes down when it began.
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_issue_list_asks_as_often_for_three_as_for_one(sign_in, community, priya):
    client = sign_in(priya)
    make_issue(community)
    for_one = count_queries(client, LIST)
    for number in (6, 7):
        make_issue(community, number=number, period_from=date(2027, number, 1))

    assert count_queries(client, LIST) == for_one


def test_issue_pages_ask_as_often_for_three_items_as_for_one(sign_in, community, priya):
    client = sign_in(priya)
    issue = make_issue(community, state="draft")
    make_item(issue, source=f"resource:{make_resource(community).public_id}")
    for_one = [count_queries(client, url(issue, page)) for page in PAGES]
    for _ in range(2):
        make_item(issue, source=f"resource:{make_resource(community).public_id}")

    assert [count_queries(client, url(issue, page)) for page in PAGES] == for_one


def test_issue_edit_saves_through_the_action(sign_in, community, priya):
    issue = make_issue(community, state="draft")
    make_item(issue, "Old")
    data = form_data(issue, new_title="Practical", **{"items-0-title": "New é", "intro": "Hi"})

    answer = sign_in(priya).post(url(issue), data)

    assert answer.status_code == 302
    rows = issue.items.order_by("position").values_list("title", "position")
    assert list(rows) == [("New é", 10), ("Practical", 20)]
    issue.refresh_from_db()
    assert issue.edited_by == priya


def test_issue_edit_saves_beside_what_somebody_else_saved(sign_in, community, priya):
    editor = make_staff(community, "editor")
    issue = make_issue(community, state="draft")
    data = form_data(issue, intro="My long work")
    update_issue(issue=issue, text=IssueText("Theirs"), by=editor, now=NOW)

    assert sign_in(priya).post(url(issue), data).status_code == 302

    issue.refresh_from_db()
    assert (issue.subject, issue.intro) == ("Theirs", "My long work")


def test_issue_edit_shows_ones_own_words_where_both_changed_them(sign_in, community, priya):
    editor = make_staff(community, "editor")
    issue = make_issue(community, state="draft")
    data = form_data(issue, subject="My subject")
    update_issue(issue=issue, text=IssueText("Theirs"), by=editor, now=NOW)

    page = sign_in(priya).post(url(issue), data)

    body = page.content.decode()
    assert page.status_code == 200
    assert "My subject" in body
    assert "Somebody else changed the same words" in body
    issue.refresh_from_db()
    assert issue.subject == "Theirs"


def test_issue_edit_says_what_is_missing(sign_in, community, priya):
    issue = make_issue(community, state="draft")
    make_item(issue, "Old")

    body = sign_in(priya).post(url(issue), form_data(issue, **{"items-0-title": ""}))

    assert "Give it a title." in body.content.decode()


def test_issue_edit_then_look_for_news_test_and_approve(sign_in, community, priya):
    issue = make_issue(community)
    make_resource(community, published_at=NOW)
    client = sign_in(priya)

    client.post(url(issue), form_data(issue, then="draft"))
    issue.refresh_from_db()
    assert issue.items.count() <= 1
    client.post(url(issue), form_data(issue, then="test"))
    issue.refresh_from_db()
    assert issue.state == "test_sent"
    assert Delivery.objects.filter(kind="newsletter_test").count() == 2
    client.post(url(issue), form_data(issue, then="approve"))
    issue.refresh_from_db()
    assert issue.state == "approved"
    client.post(url(issue), form_data(issue, then="hold"))
    issue.refresh_from_db()
    assert issue.state == "held"
    client.post(url(issue, "resume"))
    issue.refresh_from_db()
    assert issue.state == "editing"


def test_issue_edit_approve_with_an_edit_of_ones_own_is_refused(sign_in, community, priya):
    make_staff(community, "editor")
    issue = make_issue(community, state="draft")

    page = sign_in(priya).post(
        url(issue), form_data(issue, then="approve", intro="mine"), follow=True
    )

    assert "You wrote the last change" in page.content.decode()
    issue.refresh_from_db()
    assert (issue.state, issue.intro) == ("editing", "mine")


def test_issue_send_tells_who_and_sends_once(sign_in, community, priya, dani, ally, funder):
    for person in (dani, ally, funder):
        subscribe(person, community)
    issue = make_approved(community, priya)
    client = sign_in(priya)

    body = client.get(url(issue, "send")).content.decode()
    assert "3 people get it" in body
    assert "1 member, with everything in it" in body
    assert "1 ally" in body
    assert "1 person in the public edition" in body

    client.post(url(issue, "send"))
    client.post(url(issue, "send"))
    assert Delivery.objects.filter(kind="newsletter").count() == 3
    progress = client.get(url(issue)).content.decode()
    assert "Take it back" in progress
    assert "3 recipients" in progress

    client.post(url(issue, "cancel"))
    issue.refresh_from_db()
    assert issue.state == "approved"


def test_issue_send_asks_before_a_thin_issue_leaves(sign_in, community, priya, dani):
    subscribe(dani, community)
    issue = make_issue(community, state="approved")
    make_item(issue)
    client = sign_in(priya)

    assert "Send it anyway" in client.get(url(issue, "send")).content.decode()
    client.post(url(issue, "send"))
    assert not Delivery.objects.exists()
    client.post(url(issue, "send"), {"confirmed": "1"})
    assert Delivery.objects.count() == 1


def test_issue_sent_page_counts_and_says_why(sign_in, community, priya, dani, ally):
    subscribe(dani, community)
    subscribe(ally, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=NOW.replace(year=2025))
    rows = Delivery.objects.filter(kind="newsletter")
    rows.filter(person=dani).update(state="sent", ended_at=NOW)
    rows.filter(person=ally).update(state="skipped", reason="not subscribed", ended_at=NOW)

    body = sign_in(priya).get(url(issue)).content.decode()

    assert "Stopped it" in body
    assert "Take it back" not in body


@pytest.mark.parametrize("look", ["phone", "desktop", "text", "nonsense"])
def test_issue_preview_shows_the_mail(sign_in, community, priya, look):
    issue = make_issue(community, state="draft")
    make_item(issue, "Ɂehdzo", text="Words")

    page = sign_in(priya).get(url(issue, "preview"), {"look": look, "language": "fr"})

    body = page.content.decode()
    assert page.status_code == 200
    assert ("<iframe" in body) == (look != "text")
    assert ("Ɂehdzo" in body) == (look == "text")


def test_issue_mail_may_stand_in_our_own_frame_only(sign_in, community, priya):
    issue = make_issue(community, state="draft")
    make_item(issue, "For members", edition="members")
    client = sign_in(priya)

    page = client.get(url(issue, "mail"), {"edition": "members"})

    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    # It carries its styles, and nothing in it may run.
    assert "script-src 'none'" in page["Content-Security-Policy"]
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "For members" in page.content.decode()
    public = client.get(url(issue, "mail"), {"edition": "public"})
    assert "For members" not in public.content.decode()


def test_who_wrote_last_reads_who_can_approve(community, priya, sign_in):
    other = make_staff(community, "editor", "Tomasz Iverson")
    issue = make_issue(community, subject="Winter", state="draft", edited_by=priya)
    mine = sign_in(priya).get(url(issue, "checks")).content.decode()
    theirs = sign_in(other).get(url(issue, "checks")).content.decode()

    assert "You wrote the last change. Tomasz Iverson can approve it." in mine
    assert 'value="approve"' not in mine
    assert 'value="approve"' in theirs


def test_a_test_without_a_subject_is_refused(community, priya, sign_in):
    issue = make_issue(community, subject="", state="draft")
    data = form_data(issue, then="test")
    page = sign_in(priya).post(url(issue), data, follow=True)

    assert "no subject yet" in page.content.decode()
    assert not Delivery.objects.exists()


def test_an_empty_issue_asks_for_news_first(community, priya, sign_in):
    issue = make_issue(community, state="draft")
    text = sign_in(priya).get(url(issue)).content.decode()

    assert 'class="button default" type="submit" name="then" value="draft"' in text
    assert text.count("button default") == 1
    assert f"Newsletter {issue.number} · {community.short_name}" in text
