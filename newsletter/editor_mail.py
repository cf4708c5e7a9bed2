"""What editors and coordinators hear of an issue: that it leaves, that it stayed, how it went."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from members.mailing import queue_community_email
from members.models import User
from newsletter.models import NewsletterIssue
from outbox.models import Delivery, Purpose

WHY = _("You get this because you are an editor or coordinator of this community.")
LEAVES, MISSED = "newsletter/email/leaves_by_itself", "newsletter/email/missed"
REPORT = "newsletter/email/report"


def leaves_key(issue: NewsletterIssue, at: datetime) -> str:
    """How the keys of the notices begin that tell of this very day. Another day tells anew."""
    return f"newsletter:{issue.public_id}:leaves:{at:%Y%m%d}:"


def missed_key(issue: NewsletterIssue, at: datetime) -> str:
    return f"newsletter:{issue.public_id}:missed:{at:%Y%m%d%H%M}:"


def has_told(key: str, *, arrived: bool = False) -> bool:
    """`arrived`: a mail server took it for at least one of them."""
    rows = Delivery.objects.filter(key__startswith=key)
    return rows.filter(state=Delivery.State.SENT).exists() if arrived else rows.exists()


def queue_leaves_by_itself(issue: NewsletterIssue, person: User, *, at: datetime) -> bool:
    """Three days before: when it leaves, and how to hold it. Worthless once it has left."""
    return _queue(
        issue,
        person,
        key=leaves_key(issue, at),
        kind="newsletter_leaves_by_itself",
        template=LEAVES,
        context=leaves_context(issue, at=at),
        expires_at=at,
    )


def queue_missed(issue: NewsletterIssue, person: User, *, key: str, reason: str) -> bool:
    return _queue(
        issue,
        person,
        key=key,
        kind="newsletter_missed",
        template=MISSED,
        context=missed_context(issue, reason=reason),
    )


def queue_report(issue: NewsletterIssue, person: User, *, report: dict[str, Any]) -> bool:
    return _queue(
        issue,
        person,
        key=f"newsletter:{issue.public_id}:report:",
        kind="newsletter_report",
        template=REPORT,
        context=report_context(issue, report=report),
    )


def leaves_context(issue: NewsletterIssue, *, at: datetime) -> dict[str, Any]:
    return {
        "issue": issue,
        "at": at,
        "community_zone": issue.community.timezone,
        "url": _page(issue, "newsletterissue_change"),
    }


def missed_context(issue: NewsletterIssue, *, reason: str) -> dict[str, Any]:
    return {"issue": issue, "reason": reason, "url": _page(issue, "newsletterissue_change")}


def report_context(issue: NewsletterIssue, *, report: dict[str, Any]) -> dict[str, Any]:
    return {"issue": issue, "report": report, "url": _page(issue, "issue_report")}


def _page(issue: NewsletterIssue, name: str) -> str:
    return absolute(reverse(f"admin:newsletter_{name}", args=[issue.pk or 0]))


def _queue(
    issue: NewsletterIssue,
    person: User,
    *,
    key: str,
    kind: str,
    template: str,
    context: dict[str, Any],
    expires_at: datetime | None = None,
) -> bool:
    """`key`: how it begins; who it is for is added. To each of them once."""
    return queue_community_email(
        community=issue.community,
        person=person,
        key=f"{key}{person.public_id}",
        kind=kind,
        purpose=Purpose.TRANSACTIONAL,
        template=template,
        why=WHY,
        context=context,
        expires_at=expires_at,
        looks_first=True,
    )
