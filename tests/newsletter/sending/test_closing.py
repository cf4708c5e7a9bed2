"""A week later: the report, frozen, told, and with no person in it."""

import csv
import json
from datetime import timedelta

import pytest

from newsletter.actions import close_issues, send_issue, stop_sending
from newsletter.actions.closing import close_issue
from newsletter.models import IssueLink, NewsletterIssue
from newsletter.reports import report_of
from outbox.actions import unsubscribe_subscription
from outbox.actions.events import note_event
from outbox.models import Delivery, Subscription
from tests.factories import NOW, make_member
from tests.newsletter.makers import make_approved, newsletter_list, subscribe

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LEFT = NOW + timedelta(minutes=5)


@pytest.fixture
def sent(community, priya):
    """Ten members in English, two bare addresses; eleven mails went well."""
    people = [make_member(community, f"Person {n}") for n in range(10)]
    for person in people:
        subscribe(person, community)
    for n in range(2):
        Subscription.objects.create(
            mailing_list=newsletter_list(community), address=f"bare{n}@people.example",
            state="subscribed", changed_at=NOW,
        )  # fmt: skip
    stopped = Subscription.objects.create(
        mailing_list=newsletter_list(community), address="gone@people.example",
        state="unsubscribed", changed_at=NOW,
    )  # fmt: skip
    assert stopped
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=NOW)
    rows().update(state="sent", ended_at=LEFT)
    NewsletterIssue.objects.update(state="sent")
    issue.refresh_from_db()
    return issue


def rows():
    return Delivery.objects.filter(kind="newsletter")


def heard(row, kind, at, event="e"):
    note_event(
        provider="p", event_id=f"{event}{row.pk}", kind=kind, delivery=row, address="",
        detail="550 5.1.1 no such user", at=at, now=at,
    )  # fmt: skip


def fail(row, reason, state="failed"):
    Delivery.objects.filter(pk=row.pk).update(state=state, reason=reason, ended_at=LEFT)


def test_report_counts_each_mail_once(sent):
    found = list(rows().order_by("pk"))
    fail(found[0], "bad address")
    fail(found[1], "mailbox full")
    fail(found[2], "policy")
    fail(found[3], "the server did not answer", state="uncertain")
    fail(found[4], "in the weekly digest", state="skipped")
    heard(found[5], "hard_bounce", LEFT + DAY)
    heard(found[5], "hard_bounce", LEFT + DAY, "twice")
    heard(found[6], "soft_bounce", LEFT + DAY)
    heard(found[0], "hard_bounce", LEFT)

    report = report_of(sent, now=LEFT + 2 * DAY)

    assert report["recipients"] == 11
    assert report["delivered"] == 5
    assert report["bounced"] == {"hard": 2, "soft": 2, "refused": 0, "ours": 1}
    assert report["uncertain"] == 1
    assert report["left_out"]["in the weekly digest"] == 1
    assert report["left_out"]["unsubscribed"] == 1
    parts = report["delivered"] + report["bounced_total"] + report["uncertain"]
    assert parts + report["waiting"] + report["stopped"] == report["recipients"]
    assert report["delivered_share"] == round(500 / 11, 1)
    for split in (report["editions"], report["languages"]):
        assert sum(part["recipients"] for part in split.values()) == report["recipients"]
        assert sum(part["delivered"] for part in split.values()) == report["delivered"]


def test_report_counts_goodbyes_and_complaints_as_numbers(sent, community):
    found = list(rows().exclude(person=None).order_by("pk"))
    for row, source, at in (
        (found[0], "mail link", LEFT + DAY),
        (found[1], "choices", LEFT + DAY),
        (found[2], "mail link", LEFT + 8 * DAY),
    ):
        subscription = Subscription.objects.get(person=row.person)
        unsubscribe_subscription(subscription=subscription, source=source, now=at)
    heard(found[3], "complaint", LEFT + DAY)

    report = report_of(sent, now=LEFT + 9 * DAY)

    assert (report["unsubscribed"], report["unsubscribed_by_link"]) == (2, 1)
    assert report["complaints"] == 1
    text = json.dumps(report)
    for row in rows().exclude(person=None):
        assert row.person.email not in text
        assert row.person.display_name not in text
    assert "people.example" not in text


def test_report_counts_links_in_total(sent):
    IssueLink.objects.create(issue=sent, url="https://a.example/", label="A", clicks=3)
    IssueLink.objects.create(issue=sent, url="https://b.example/", label="B", clicks=7)

    report = report_of(sent, now=LEFT + DAY)

    assert report["clicks"] == 10
    assert [link["clicks"] for link in report["links"]] == [7, 3, 0]
    assert "opens" not in json.dumps(report)


def test_report_of_a_stopped_issue(sent, priya):
    found = list(rows()[:3])
    Delivery.objects.filter(pk__in=[row.pk for row in found]).update(state="queued", ended_at=None)
    NewsletterIssue.objects.update(state="sending")
    stop_sending(issue=sent, by=priya, now=LEFT + DAY)

    report = report_of(sent, now=LEFT + DAY)

    assert (report["delivered"], report["stopped"]) == (9, 3)


def test_report_of_an_issue_from_before(community):
    from tests.newsletter.makers import make_issue

    issue = make_issue(community, state="sent", recipients_then=250)

    report = report_of(issue, now=NOW)

    assert (report["recipients"], report["delivered_share"]) == (250, 0.0)


def test_close_issues_freezes_the_report_after_a_week(sent, priya):
    assert close_issues(now=LEFT + 7 * DAY - timedelta(seconds=1)) == 0
    assert close_issues(now=LEFT + 7 * DAY) == 1
    assert close_issues(now=LEFT + 7 * DAY) == 0

    sent.refresh_from_db()
    assert sent.state == "closed"
    assert sent.report["delivered"] == 12
    # What happens from now on changes nothing any more.
    heard(rows().first(), "complaint", LEFT + 8 * DAY)
    Delivery.objects.filter(kind="newsletter").delete()
    assert report_of(sent, now=LEFT + 9 * DAY) == sent.report


def test_close_issues_tells_editors_the_five_figures(sent, priya):
    close_issues(now=LEFT + 7 * DAY)

    mail = Delivery.objects.get(kind="newsletter_report")
    assert mail.person == priya
    for line in (
        "Recipients: 12",
        "Delivered: 12 (100.0 %)",
        "Came back or refused: 0",
        "Stopped the newsletter since: 0",
        "Links followed: 0",
    ):
        assert line in mail.text
    assert f"/{sent.pk}/report/" in mail.text
    assert "do not watch" in mail.text


def test_close_issues_tells_no_old_news(sent):
    assert close_issues(now=LEFT + 31 * DAY) == 1
    assert not Delivery.objects.filter(kind="newsletter_report").exists()


def test_close_issue_leaves_what_is_not_due(sent):
    assert not close_issue(issue=sent, now=LEFT + DAY)


def test_close_issues_goes_on_after_the_trouble_of_one(sent, other_community, monkeypatch):
    from newsletter.actions import closing
    from tests.newsletter.makers import make_issue

    make_issue(other_community, state="sent", sent_at=LEFT - DAY)
    real = closing.report_of

    def fail_here(issue, **more):
        if issue.pk != sent.pk:
            raise ValueError("broken")
        return real(issue, **more)

    monkeypatch.setattr(closing, "report_of", fail_here)

    assert close_issues(now=LEFT + 7 * DAY) == 1


def test_report_asks_as_often_for_many_as_for_one(sent, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        report_of(sent, now=LEFT + DAY)


def test_report_csv_holds_no_formula(sent, sign_in, priya, settings):
    IssueLink.objects.create(issue=sent, url="https://a.example/", label="=cmd|'/c calc'!A1")
    client = sign_in(priya)

    page = client.get(f"/{settings.DESK_PATH}/newsletter/newsletterissue/{sent.pk}/report-csv/")

    assert page["Content-Type"].startswith("text/csv")
    lines = list(csv.reader(page.content.decode("utf-8-sig").splitlines()))
    assert ["Delivered", "12", "100.0"] in lines
    assert ["'=cmd|'/c calc'!A1", "0", "https://a.example/"] in lines
    assert not [cell for line in lines for cell in line if cell[:1] in set("=+-@\t")]
