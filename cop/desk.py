"""What waits for somebody at the desk, on one page: counts, ages, and where to click."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from library.models import Resource
from meetings.models import Feedback, Meeting, TopicProposal
from meetings.queries.topics import READ_WITHIN, asks_for_a_word
from members.calendar import add_business_days
from members.models import (
    Appeal,
    Community,
    MembershipApplication,
    ReviewTask,
    Stream,
    User,
)
from newsletter.models import NewsletterIssue

QUIET = timedelta(days=183)


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
            _tasks(person, now),
            _appeals(person, now),
            _resources(person),
            _drafts(person, now),
            _topics(person, now),
            _feedback(person),
            _issues(person),
            _quiet_streams(person, now),
        )
        if line is not None
    ]


def _applications(person: User, now: datetime) -> Waiting | None:
    communities = Community.objects.staffed_by(person, "reviewer", "coordinator")
    found = MembershipApplication.objects.filter(
        community__in=communities, state__in=["submitted", "in_review"], held_until=None
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


def _tasks(person: User, now: datetime) -> Waiting | None:
    communities = Community.objects.staffed_by(person, "reviewer", "coordinator")
    found = ReviewTask.objects.filter(community__in=communities, done_at=None).aggregate(
        count=Count("pk"), due=Min("due_on")
    )
    if not found["count"]:
        return None
    return Waiting(
        label=ngettext(
            "%(count)s task of the reviewers is open",
            "%(count)s tasks of the reviewers are open",
            found["count"],
        )
        % {"count": found["count"]},
        note=_("the first is due on %(day)s") % {"day": date_format(found["due"], "j F")},
        url=reverse("admin:members_reviewtask_changelist"),
        is_late=found["due"] < now.date(),
    )


def _appeals(person: User, now: datetime) -> Waiting | None:
    communities = Community.objects.staffed_by(person, "coordinator")
    found = Appeal.objects.filter(
        application__community__in=communities, state=Appeal.State.OPEN
    ).aggregate(count=Count("pk"), due=Min("due_on"))
    if not found["count"]:
        return None
    return Waiting(
        label=ngettext("%(count)s appeal is open", "%(count)s appeals are open", found["count"])
        % {"count": found["count"]},
        note=_("a decision is due on %(day)s") % {"day": date_format(found["due"], "j F")},
        url=reverse("admin:members_appeal_changelist") + "?state__exact=open",
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


def _topics(person: User, now: datetime) -> Waiting | None:
    """Read within three business days; parked ones come up again on their day."""
    communities = Community.objects.staffed_by(person, "coordinator", "facilitator")
    rows = TopicProposal.objects.filter(asks_for_a_word(now.date()), community__in=communities)
    found = rows.aggregate(count=Count("pk"), first=Min("proposed_at", filter=Q(state="proposed")))
    if not found["count"]:
        return None
    due = add_business_days(found["first"].date(), READ_WITHIN) if found["first"] else None
    return Waiting(
        label=ngettext(
            "%(count)s topic waits for a word", "%(count)s topics wait for a word", found["count"]
        )
        % {"count": found["count"]},
        note=_("the first by %(day)s") % {"day": date_format(due, "j F")} if due else "",
        url=reverse("admin:meetings_topicproposal_changelist"),
        is_late=due is not None and due < now.date(),
    )


def _feedback(person: User) -> Waiting | None:
    """Somebody wrote something that asks for a call (FB2)."""
    communities = Community.objects.staffed_by(person, "coordinator", "facilitator")
    rows = Feedback.objects.filter(
        meeting__community__in=communities, is_flagged=True, is_followed_up=False
    )
    found = rows.aggregate(count=Count("pk"), meeting=Min("meeting"))
    if not found["count"]:
        return None
    return Waiting(
        label=ngettext(
            "%(count)s answer after a meeting asks for a call",
            "%(count)s answers after a meeting ask for a call",
            found["count"],
        )
        % {"count": found["count"]},
        note=_("nobody knows who wrote it; talk with the facilitator"),
        url=reverse("admin:meetings_meeting_feedback", args=[found["meeting"]]),
        is_late=True,
    )


def _issues(person: User) -> Waiting | None:
    communities = Community.objects.staffed_by(person, "editor", "coordinator")
    issue = (
        NewsletterIssue.objects.filter(
            community__in=communities, state__in=[*NewsletterIssue.WRITTEN, "approved"]
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


def _quiet_streams(person: User, now: datetime) -> Waiting | None:
    """A stream without a meeting for half a year: perhaps it has done its work (ST3)."""
    quiet_streams = streams_without_meetings(person, now)
    names = list(quiet_streams.order_by("community__name", "name", "pk")[:3])
    if not names:
        return None
    return Waiting(
        label=ngettext("%(count)s stream is quiet", "%(count)s streams are quiet", len(names))
        % {"count": len(names) if len(names) < 3 else "3+"},
        note=_("no meeting for six months: %(names)s. Plan one, or close it.")
        % {"names": ", ".join(str(one) for one in names)},
        url=reverse("admin:members_stream_changelist"),
    )


def streams_without_meetings(person: User, now: datetime) -> QuerySet[Stream]:
    """Of the communities that this person coordinates. A new stream has half a year to begin."""
    communities = Community.objects.staffed_by(person, "coordinator").filter(status="open")
    of_stream = Meeting.objects.filter(stream=OuterRef("pk")).exclude(state="cancelled")
    since = now - QUIET
    rows = Stream.objects.filter(community__in=communities, is_active=True)
    began = Q(starts_on__lt=since.date()) | Exists(of_stream.filter(starts_at__lt=since))
    return rows.filter(began, ~Exists(of_stream.filter(starts_at__gte=since)))


def has_scanner() -> bool:
    return bool(settings.CLAMAV_ADDRESS)
