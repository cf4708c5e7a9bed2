"""Newsletter issues of the demo: four sent, as they were; the next ones to come."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from cop.demo.dates import DemoCalendar, at
from library.models import Resource, Visibility
from members.actions.naming import OWN_PAGE, WORDING
from members.models import Affiliation, Community, Membership, PersonalConsent, User
from newsletter.models import IssueItem, NewsletterIssue

SENT = {"sent", "closed"}


def make_issues(
    community: Community,
    rows: list[dict[str, Any]],
    people: dict[str, User],
    texts: dict[str, Any],
    days: DemoCalendar,
) -> None:
    for row in rows:
        period_from, period_to = (days.near_meeting(day) for day in row["period"])
        send_on = days.near_meeting(row["send"])
        words = texts["newsletters"].get(row["number"], {})
        sent = row["state"] in SENT
        issue = NewsletterIssue.objects.create(
            community=community,
            number=row["number"],
            period_from=period_from,
            period_to=period_to,
            send_on=send_on,
            subject=row.get("subject", ""),
            subject_fr=words.get("subject_fr", ""),
            intro=words.get("intro", ""),
            intro_fr=words.get("intro_fr", ""),
            state=row["state"],
            edited_by=people["tomasz"] if sent else None,
            approved_by=people["priya"] if sent else None,
            drafted_at=at(send_on - timedelta(days=14)) if sent else None,
            sent_at=at(send_on) if sent else None,
            recipients_then=row.get("recipients"),
        )
        if sent:
            _add_items(issue, words, period_from, period_to)


def _add_items(
    issue: NewsletterIssue, words: dict[str, Any], period_from: date, period_to: date
) -> None:
    items = [
        IssueItem(issue=issue, kind=IssueItem.Kind.OWN_TEXT, title=item["title"], text=item["text"])
        for item in words.get("items", [])
    ]
    published = Resource.objects.published().filter(
        community=issue.community,
        published_at__gte=at(period_from, 0),
        published_at__lt=at(period_to, 0) + timedelta(days=1),
    )
    items += [
        IssueItem(
            issue=issue,
            kind=IssueItem.Kind.NEW_RESOURCE,
            title=resource.title,
            text=resource.summary if resource.visibility == Visibility.PUBLIC else "",
            path=resource.get_absolute_url(),
            edition="public" if resource.visibility == Visibility.PUBLIC else "members",
            source=f"resource:{resource.public_id}",
            why="New in the library in these weeks.",
        )
        for resource in published.select_related("community").order_by("published_at", "pk")[:6]
    ]
    for position, item in enumerate(items):
        item.position = position
    IssueItem.objects.bulk_create(items)


def let_organizations_be_named(community: Community, count: int = 30) -> None:
    """Of the organizations in the demo, most contacts said that the newsletter may name them."""
    contacts = Affiliation.objects.filter(is_contact=True, state=Affiliation.State.CONFIRMED)
    here = _of_members(contacts, community)
    rows = here.select_related("organization").order_by("organization", "pk")
    PersonalConsent.objects.bulk_create(
        PersonalConsent(
            person_id=row.person_id,
            community=community,
            purpose=PersonalConsent.Purpose.ORGANIZATION_NAME,
            host=row.organization,
            given=True,
            wording=WORDING,
            source=OWN_PAGE,
            at=row.confirmed_at or at(date(2026, 5, 1)),
        )
        for row in rows.distinct("organization")[:count]
    )


def _of_members(contacts: QuerySet[Affiliation], community: Community) -> QuerySet[Affiliation]:
    """Those whose person belongs there today."""
    members = community.memberships.filter(state__in=Membership.CURRENT_STATES)
    return contacts.filter(person__in=members.values("person"))
