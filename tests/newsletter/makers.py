"""Small makers of issues, items, resources and readers for the tests of the newsletter."""

from datetime import date, time, timedelta
from typing import Any

from library.models import Resource
from members.models import Community, User
from newsletter.models import IssueItem, NewsletterIssue
from outbox.actions import find_mailing_list, update_subscriptions
from outbox.models import Subscription
from tests.factories import NOW, make_meeting

SECRET = "https://video.example/join/secret-room"


def make_issue(community: Community, **fields: Any) -> NewsletterIssue:
    """The issue that NOW (26 November 2026) falls into; `state="sent"` makes it one of the past."""
    values = {
        "number": 5,
        "period_from": date(2026, 11, 14),
        "period_to": date(2027, 1, 15),
        "send_on": date(2027, 1, 19),
        "subject": "Kinder house rules",
    } | fields
    if values.get("state") in {"sending", "sent", "closed"}:
        values.setdefault("sent_at", NOW - timedelta(days=3))
    return NewsletterIssue.objects.create(community=community, **values)


def make_item(issue: NewsletterIssue, title: str = "A word from us", **fields: Any) -> IssueItem:
    return IssueItem.objects.create(issue=issue, **({"title": title, "position": 10} | fields))


def make_resource(community: Community, **fields: Any) -> Resource:
    values = {
        "kind": "tool",
        "title": "Ten-minute drill card",
        "summary": "A card for practising an overdose drill in ten minutes.",
        "url": "https://tools.example/drill",
        "state": "published",
        "visibility": "members",
        "published_at": NOW - timedelta(days=2),
    } | fields
    return Resource.objects.create(community=community, **values)


def make_past_meeting(community: Community, **fields: Any) -> Any:
    values = {
        "title": "Night staff and sleep",
        "local_date": date(2026, 11, 19),
        "local_time": time(10, 0),
        "state": "held",
    } | fields
    return make_meeting(community, **values)


def subscribe(person: User, community: Community) -> Subscription:
    update_subscriptions(
        person=person, scope=community.public_id, kinds={"newsletter"}, source="test", now=NOW
    )
    return Subscription.objects.get(person=person, mailing_list=newsletter_list(community))


def newsletter_list(community: Community) -> Any:
    return find_mailing_list(community.public_id, "newsletter")


def make_approved(community: Community, by: User, **fields: Any) -> NewsletterIssue:
    """Approved, with one item for each edition."""
    issue = make_issue(community, **({"state": "approved", "approved_by": by} | fields))
    make_item(issue, "Open to all", text="Read this.")
    make_item(issue, "For us and allies", text="Inside words", edition="members_and_allies")
    make_item(issue, "For members", text="Members' words", edition="members")
    return issue
