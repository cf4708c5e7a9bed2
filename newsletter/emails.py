from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import Email, render_email
from members.mailing import footer, queue_community_email
from members.models import User
from newsletter.models import NewsletterIssue
from newsletter.queries import blocks_for, editions_up_to
from outbox.actions import queue_email
from outbox.models import Purpose

WHY = _("You get this because you asked for the newsletter of this community.")
WHY_TEST = _("You get this test because you work on the newsletter of this community.")
WHY_DRAFT = _("You get this because you are an editor or coordinator of this community.")
TEMPLATE = "newsletter/email/issue"


def issue_email(issue: NewsletterIssue, edition: str, language: str) -> Email:
    """One issue for all readers of an edition in a language. The marks of the footer stay in:
    sending fills them in for each recipient."""
    return render_email(TEMPLATE, _context(issue, edition, language, WHY), language=language)


def preview_html(issue: NewsletterIssue, edition: str, language: str) -> str:
    """The HTML part with a linked style sheet: our pages allow no inline style."""
    context = _context(issue, edition, language, WHY)
    frame = {
        "site_url": "",
        "site_name": settings.SITE_NAME,
        "language": language,
        "is_preview": True,
    }
    with translation.override(language):
        return render_to_string(f"{TEMPLATE}.html", context | frame)


def _context(
    issue: NewsletterIssue,
    edition: str,
    language: str,
    why: str | Promise,
    *,
    can_stop: bool = True,
) -> dict[str, Any]:
    with translation.override(language):
        frame = footer(issue.community, language=language, why=str(why), can_stop=can_stop)
    return {
        "issue": issue,
        "community": issue.community,
        "blocks": blocks_for(issue, editions_up_to(edition)),
        "web_url": absolute(issue.get_absolute_url()),
        **frame,
    }


def queue_test(issue: NewsletterIssue, person: User, edition: str, *, now: datetime) -> None:
    """The issue as it stands, in each language of the site, to one of those who work on it (N5)."""
    for language, _name in settings.LANGUAGES:
        context = _context(issue, edition, language, WHY_TEST, can_stop=False)
        email = render_email(TEMPLATE, context | {"is_test": True}, language=language)
        queue_email(
            key=f"newsletter:{issue.public_id}:test:{person.public_id}:{language}:{now:%Y%m%d%H%M%S}",
            kind="newsletter_test",
            purpose=Purpose.TRANSACTIONAL,
            email=email,
            person=person,
            scope=issue.community.public_id,
            reply_to=issue.community.contact_email,
            sender_name=context["sender_name"],
        )


def queue_draft_ready(
    issue: NewsletterIssue, person: User, *, item_count: int, is_late: bool
) -> bool:
    """Once for each issue and person. `is_late`: its planned day has gone by."""
    path = reverse("admin:newsletter_newsletterissue_change", args=[issue.pk])
    return queue_community_email(
        community=issue.community,
        person=person,
        key=f"newsletter:{issue.public_id}:draft:{person.public_id}",
        kind="newsletter_draft_ready",
        purpose=Purpose.TRANSACTIONAL,
        template="newsletter/email/draft_ready",
        why=WHY_DRAFT,
        context={
            "issue": issue,
            "item_count": item_count,
            "is_late": is_late,
            "url": absolute(path),
        },
    )
