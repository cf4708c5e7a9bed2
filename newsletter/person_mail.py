"""May we name you? To one person, with the very words."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from members.mailing import queue_community_email
from members.models import User
from newsletter.editor_mail import WHY
from newsletter.models import NamedPerson, NewsletterIssue
from newsletter.naming import Named
from newsletter.person_links import named_url
from outbox.models import Purpose

ASKED, TAKEN_BACK = "newsletter_may_we", "newsletter_name_out"
WHY_ASKED = _("You get this because somebody would like to name you in a newsletter.")


def queue_question(row: NamedPerson, named: Named) -> bool:
    """Once for the same words, however often the button is pressed."""
    return queue_community_email(
        community=row.issue.community,
        person=row.person,
        key=f"newsletter:{row.issue.public_id}:named:{row.person.public_id}:{named.words[:16]}",
        kind=ASKED,
        purpose=Purpose.TRANSACTIONAL,
        template=f"newsletter/email/{ASKED}",
        why=WHY_ASKED,
        context=question_context(row, named),
        looks_first=True,
    )


def question_context(row: NamedPerson, named: Named) -> dict[str, Any]:
    return {
        "issue": row.issue,
        "is_spotlight": named.is_spotlight,
        "passages": named.passages,
        "url": named_url(row),
    }


def queue_taken_back(
    issue: NewsletterIssue, editor: User, *, has_left: bool, now: datetime
) -> bool:
    """To those who make the issue. Who it was stands at the desk, not in the mail."""
    return queue_community_email(
        community=issue.community,
        person=editor,
        key=f"newsletter:{issue.public_id}:name-out:{editor.public_id}:{now:%Y%m%d%H%M%S}",
        kind=TAKEN_BACK,
        purpose=Purpose.TRANSACTIONAL,
        template=f"newsletter/email/{TAKEN_BACK}",
        why=WHY,
        context=taken_back_context(issue, has_left=has_left),
    )


def taken_back_context(issue: NewsletterIssue, *, has_left: bool) -> dict[str, Any]:
    path = reverse("admin:newsletter_issue_checks", args=[issue.pk or 0])
    return {"issue": issue, "has_left": has_left, "url": absolute(path)}
