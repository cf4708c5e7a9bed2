"""What waits for somebody at the desk, on one page: counts, ages, and where to click."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from library.models import Resource
from meetings.models import Meeting
from members.models import Community, MembershipApplication, User
from newsletter.models import NewsletterIssue


@dataclass(frozen=True)
class Waiting:
    """One line of the desk's start page."""

    label: str
    note: str
    url: str
    is_late: bool = False


def waiting_for(person: User, *, now: datetime) -> list[Waiting]:
    """The open work of this person's communities. One query a kind, whatever the size."""
    return [
        line
        for line in (
            _applications(person, now),
            _resources(person),
            _drafts(person, now),
            _issues(person),
        )
        if line is not None
    ]


def _applications(person: User, now: datetime) -> Waiting | None:
    communities = Community.objects.staffed_by(person, "reviewer", "coordinator")
    found = MembershipApplication.objects.filter(
        community__in=communities, state__in=["submitted", "in_review"]
    ).aggregate(count=Count("pk"), due=Min("due_on"), first=Min("submitted_at"))
    if not found["count"]:
        return None
    days = (now - found["first"]).days
    return Waiting(
        label=ngettext("%(count)s application waits", "%(count)s applications wait", found["count"])
        % {"count": found["count"]},
        note=ngettext("the oldest for %(days)s day", "the oldest for %(days)s days", days)
        % {"days": days},
        url=reverse("admin:members_membershipapplication_changelist"),
        is_late=found["due"] < now.date(),
    )


def _resources(person: User) -> Waiting | None:
    communities = Community.objects.staffed_by(person, "librarian", "coordinator")
    count = Resource.objects.filter(community__in=communities, state="in_review").count()
    if not count:
        return None
    return Waiting(
        label=ngettext(
            "%(count)s resource to look through", "%(count)s resources to look through", count
        )
        % {"count": count},
        note=_("sent in by members"),
        url=reverse("admin:library_resource_changelist") + "?state__exact=in_review",
    )


def _drafts(person: User, now: datetime) -> Waiting | None:
    communities = Community.objects.staffed_by(person, "coordinator")
    count = Meeting.objects.filter(
        community__in=communities, state="draft", starts_at__gt=now
    ).count()
    if not count:
        return None
    return Waiting(
        label=ngettext("%(count)s meeting to announce", "%(count)s meetings to announce", count)
        % {"count": count},
        note=_("still a draft"),
        url=reverse("admin:meetings_meeting_changelist") + "?state__exact=draft",
    )


def _issues(person: User) -> Waiting | None:
    communities = Community.objects.staffed_by(person, "editor", "coordinator")
    issue = (
        NewsletterIssue.objects.filter(
            community__in=communities, state__in=["draft", "test_sent", "approved"]
        )
        .select_related("community")
        .order_by("send_on", "pk")
        .first()
    )
    if issue is None:
        return None
    return Waiting(
        label=_("Newsletter %(number)s of %(community)s")
        % {"number": issue.number, "community": issue.community.short_name},
        note=issue.get_state_display(),
        url=reverse("admin:newsletter_newsletterissue_change", args=[issue.pk]),
    )


def has_scanner() -> bool:
    return bool(settings.CLAMAV_ADDRESS)
