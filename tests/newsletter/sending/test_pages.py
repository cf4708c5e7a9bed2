"""The pages before, while and after an issue leaves."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from newsletter.actions import schedule_issue, send_issue
from newsletter.models import NewsletterIssue
from outbox.models import Delivery, MailBatch
from tests.conftest import CAST
from tests.factories import NOW, make_member
from tests.newsletter.makers import make_approved, make_issue, make_item, subscribe

pytestmark = pytest.mark.django_db
MAY = {"priya", "admin"}


def url(issue, page):
    if page == "change":
        return reverse("admin:newsletter_newsletterissue_change", args=[issue.pk])
    return reverse(f"admin:newsletter_issue_{page}", args=[issue.pk])


def body(client, issue, page):
    answer = client.get(url(issue, page))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def running(community, priya, dani):
    """Left a quarter of an hour ago by the clock on the wall; one mail is still to go."""
    now = timezone.now() - timedelta(minutes=15)
    subscribe(dani, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=now)
    issue.refresh_from_db()
    return issue


@pytest.mark.parametrize("page", ["progress", "stop", "report", "report-csv", "change"])
@pytest.mark.parametrize("who", CAST)
def test_pages_are_for_editors_and_coordinators_here(request, sign_in, running, who, page):
    status = sign_in(request.getfixturevalue(who)).get(url(running, page)).status_code

    assert status == (200 if who in MAY else 404 if who == "outsider" else 302)


@pytest.mark.parametrize("page", ["pause", "go-on", "stop", "unschedule", "cancel"])
@pytest.mark.parametrize("who", [name for name in CAST if name not in MAY])
def test_steps_are_refused_to_others(request, sign_in, running, who, page):
    status = sign_in(request.getfixturevalue(who)).post(url(running, page)).status_code

    assert status in {302, 404}
    assert set(MailBatch.objects.values_list("state", flat=True)) == {"sending"}


@pytest.mark.parametrize("page", ["pause", "go-on", "unschedule", "cancel"])
def test_steps_take_no_get(sign_in, running, priya, page):
    assert sign_in(priya).get(url(running, page)).status_code == 405


def test_send_page_says_who_and_who_not(sign_in, community, priya, dani, ally):
    subscribe(dani, community)
    row = subscribe(ally, community)
    row.state = "unsubscribed"
    row.save()
    issue = make_approved(community, priya)

    page = body(sign_in(priya), issue, "send")

    assert "1 member, with everything in it" in page
    assert "Stopped it: 1" in page
    assert "Pacific time" in page
    assert 'type="date"' in page
    assert 'type="time"' in page
    assert 'value="2027-01-19"' in page
    assert 'value="10:00"' in page


def test_send_page_schedules(sign_in, community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    day = timezone.now().date() + timedelta(days=5)
    client = sign_in(priya)

    answer = client.post(
        url(issue, "send"), {"do": "schedule", "day": day.isoformat(), "wall": "10:00"}, follow=True
    )

    issue.refresh_from_db()
    assert issue.state == "scheduled"
    assert "10:00 a.m. Pacific time" in answer.content.decode()
    assert "It leaves by itself" in body(client, issue, "send")
    client.post(url(issue, "unschedule"))
    issue.refresh_from_db()
    assert issue.state == "approved"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"day": "", "wall": ""}, "required"),
        ({"day": "tomorrow", "wall": "ten"}, "valid date"),
        ({"day": "2020-01-01", "wall": "10:00"}, "gone by"),
        ({"day": "2099-01-01", "wall": "10:00"}, "60 days"),
    ],
)
def test_send_page_keeps_what_was_typed_and_says_what_is_wrong(
    sign_in, community, priya, dani, data, words
):
    subscribe(dani, community)
    issue = make_approved(community, priya)

    answer = sign_in(priya).post(url(issue, "send"), {"do": "schedule", **data})

    assert answer.status_code == 200
    page = answer.content.decode()
    assert words in page
    if data["day"].startswith("2"):
        assert data["day"] in page
    assert NewsletterIssue.objects.get().state == "approved"


@pytest.mark.parametrize(("do", "carries"), [("hold", True), ("skip", False)])
def test_send_page_offers_to_hold_or_skip_a_thin_issue(
    sign_in, community, priya, dani, do, carries
):
    subscribe(dani, community)
    issue = make_issue(community, state="approved", approved_by=priya)
    make_item(issue)
    client = sign_in(priya)
    assert "Skip it, and its items with it" in body(client, issue, "send")

    client.post(url(issue, "send"), {"do": do})

    issue.refresh_from_db()
    assert (issue.state, issue.carries_over) == ("held", carries)


def test_two_clicks_send_once_and_the_second_is_told(sign_in, community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    first, second = sign_in(priya), sign_in(priya)

    first.post(url(issue, "send"), {"do": "send"})
    answer = second.post(url(issue, "send"), {"do": "send"})

    assert "on its way already" in answer.content.decode()
    assert Delivery.objects.filter(kind="newsletter").count() == 1


def test_two_browsers_one_schedules_and_one_sends(sign_in, community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    one, other = sign_in(priya), sign_in(priya)
    other.post(url(issue, "send"), {"do": "send"})

    day = timezone.now().date() + timedelta(days=5)
    answer = one.post(
        url(issue, "send"), {"do": "schedule", "day": day.isoformat(), "wall": "10:00"}
    )

    assert "Only an approved issue can be scheduled" in answer.content.decode()
    issue.refresh_from_db()
    assert (issue.state, issue.scheduled_at) == ("sending", None)


def test_undo_window_shows_a_countdown(sign_in, community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=timezone.now() - timedelta(minutes=1))

    page = body(sign_in(priya), issue, "progress")

    assert "Take it back" in page
    assert ">3:5" in page or ">4:00" in page
    assert "Pause" not in page


def test_progress_renews_itself_while_it_is_sent_only(sign_in, running, priya):
    client = sign_in(priya)

    page = body(client, running, "change")
    assert f'hx-get="{url(running, "progress")}"' in page
    assert "htmx-2" in page
    assert "0 of 1 done" in page
    part = body(client, running, "progress")
    assert "<html" not in part
    assert "no-store" in client.get(url(running, "progress"))["Cache-Control"]

    NewsletterIssue.objects.update(state="sent")
    assert "hx-get" not in body(client, running, "change")


def test_pause_and_go_on_and_stop_by_their_buttons(sign_in, running, priya):
    client = sign_in(priya)
    page = client.post(url(running, "pause"), follow=True).content.decode()
    assert "Paused. 1 mail waits until you go on." in page
    assert "Somebody of the team paused it." in page
    page = client.post(url(running, "go-on"), follow=True).content.decode()
    assert "It goes on. 1 mail is still to leave." in page
    assert "You cannot take that back" in body(client, running, "stop")
    page = client.post(url(running, "stop"), follow=True).content.decode()
    assert "Stopped. 1 person does not get it." in page
    running.refresh_from_db()
    assert running.state == "sent"
    assert "not being sent" in body(client, running, "stop")


def test_report_page_says_why_there_are_no_opens(sign_in, running, priya):
    page = body(sign_in(priya), running, "report")

    assert "no number of people who opened it" in page
    assert "Members&#x27; edition" in page
    assert "data-print" in page


def test_report_page_needs_something_that_left(sign_in, community, priya):
    issue = make_approved(community, priya)

    assert sign_in(priya).get(url(issue, "report")).status_code == 404


def queries_of(client, issue, page):
    client.get(url(issue, page))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url(issue, page)).status_code == 200
    return len(captured)


def crowd(community, many):
    """So many members who asked, in a few statements."""
    from outbox.models import Subscription
    from tests.newsletter.makers import newsletter_list

    mailing_list = newsletter_list(community)
    Subscription.objects.bulk_create(
        Subscription(
            mailing_list=mailing_list, address=f"r{n}@people.example", state="subscribed",
            changed_at=NOW,
        )
        for n in range(many)
    )  # fmt: skip


@pytest.mark.parametrize("page", ["change", "progress", "report", "report-csv"])
def test_pages_ask_as_often_for_a_thousand_as_for_one(sign_in, community, priya, dani, page):
    subscribe(dani, community)
    client = sign_in(priya)
    now = timezone.now() - timedelta(minutes=15)
    small = make_approved(community, priya)
    send_issue(issue=small, by=priya, now=now)
    for_one = queries_of(client, small, page)
    crowd(community, 1000)
    large = make_approved(community, priya, number=6, period_from=date(2027, 1, 16))
    send_issue(issue=large, by=priya, now=now)
    assert Delivery.objects.filter(key__startswith=f"newsletter:{large.public_id}").count() == 1001

    assert queries_of(client, large, page) == for_one


def test_sending_asks_as_often_for_a_thousand_as_for_one(community, priya, dani):
    subscribe(dani, community)
    counts = []
    for number, many in ((5, 0), (6, 1000)):
        crowd(community, many)
        start = date(2026, 11, 14) + timedelta(days=number)
        issue = make_approved(community, priya, number=number, period_from=start)
        with CaptureQueriesContext(connection) as captured:
            send_issue(issue=issue, by=priya, now=NOW)
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_page_of_an_issue_nobody_gets(sign_in, community, priya):
    issue = make_approved(community, priya)

    page = body(sign_in(priya), issue, "send")

    assert "nobody to send it to" in page
    assert "0 people get it" in page


def test_change_of_a_scheduled_issue_shows(sign_in, community, priya, dani):
    """The page for editing opens; an edit there drops the schedule (update_issue)."""
    subscribe(dani, community)
    issue = make_approved(community, priya)
    schedule_issue(issue=issue, by=priya, day=date(2026, 12, 1), wall=time(10), now=NOW)

    assert sign_in(priya).get(url(issue, "change")).status_code == 200


def test_members_of_the_list_are_nowhere_on_the_pages(sign_in, running, priya, community):
    make_member(community, "Nobody Else")
    client = sign_in(priya)

    for page in ("progress", "report", "report-csv", "stop"):
        assert "Dani" not in body(client, running, page)
