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
from members.models import Community, User
from newsletter.digests import LINE_KINDS, Digest
from newsletter.models import NewsletterIssue
from newsletter.queries import Block, blocks_for, editions_up_to
from outbox.actions import Outgoing, queue_emails
from outbox.addresses import address_hash
from outbox.models import Purpose

WHY = _("You get this because you asked for the newsletter of this community.")
WHY_TEST = _("You get this test because you work on the newsletter of this community.")
WHY_DRAFT = _("You get this because you are an editor or coordinator of this community.")
WHY_DIGEST = _("You get this because you chose the weekly digest of this community.")
TEMPLATE = "newsletter/email/issue"


def issue_email(issue: NewsletterIssue, edition: str, language: str) -> Email:
    """One issue for all readers of an edition in a language. The marks of the footer stay in:
    sending fills them in for each recipient."""
    blocks = blocks_for(issue, editions_up_to(edition))
    return render_email(TEMPLATE, issue_context(issue, blocks, language, WHY), language=language)


def preview_html(issue: NewsletterIssue, edition: str, language: str) -> str:
    """The HTML part with a linked style sheet: our pages allow no inline style."""
    context = issue_context(issue, blocks_for(issue, editions_up_to(edition)), language, WHY)
    frame = {
        "site_url": "",
        "site_name": settings.SITE_NAME,
        "language": language,
        "is_preview": True,
    }
    with translation.override(language):
        return render_to_string(f"{TEMPLATE}.html", context | frame)


def issue_context(
    issue: NewsletterIssue,
    blocks: list[Block],
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
        "blocks": blocks,
        "web_url": absolute(issue.get_absolute_url()),
        **frame,
    }


def queue_test(issue: NewsletterIssue, to: User | str, edition: str, *, now: datetime) -> None:
    """The issue as it stands, in each language of the site: to one of those who work on it, or to
    an address that they chose (N5)."""
    blocks = blocks_for(issue, editions_up_to(edition))
    person, address = (None, to) if isinstance(to, str) else (to, "")
    who = address_hash(address)[:16] if person is None else person.public_id
    for language, _name in settings.LANGUAGES:
        context = issue_context(issue, blocks, language, WHY_TEST, can_stop=False)
        email = render_email(TEMPLATE, context | {"is_test": True}, language=language)
        mail = Outgoing(
            key=f"newsletter:{issue.public_id}:test:{who}:{language}:{now:%Y%m%d%H%M%S}",
            kind="newsletter_test",
            purpose=Purpose.TRANSACTIONAL,
            email=email,
            person=person,
            address=address,
            scope=issue.community.public_id,
            reply_to=issue.community.contact_email,
            sender_name=context["sender_name"],
        )
        queue_emails([mail], now=now)


def queue_draft_ready(
    issue: NewsletterIssue, person: User, *, item_count: int, is_late: bool
) -> bool:
    """Once for each issue and person. `is_late`: its planned day has gone by."""
    return queue_community_email(
        community=issue.community,
        person=person,
        key=f"newsletter:{issue.public_id}:draft:{person.public_id}",
        kind="newsletter_draft_ready",
        purpose=Purpose.TRANSACTIONAL,
        template="newsletter/email/draft_ready",
        why=WHY_DRAFT,
        context=draft_context(issue, item_count=item_count, is_late=is_late),
    )


def draft_context(issue: NewsletterIssue, *, item_count: int, is_late: bool) -> dict[str, Any]:
    path = reverse("admin:newsletter_newsletterissue_change", args=[issue.pk or 0])
    return {"issue": issue, "item_count": item_count, "is_late": is_late, "url": absolute(path)}


def digest_email(community: Community, digest: Digest, language: str, zone: str) -> Email:
    """The weekly digest, the same for all who read the same in one zone."""
    return render_email(
        "newsletter/email/weekly_digest",
        digest_context(community, digest, language, zone),
        language=language,
    )


def digest_context(
    community: Community, digest: Digest, language: str, zone: str
) -> dict[str, Any]:
    with translation.override(language):
        frame = footer(community, language=language, why=str(WHY_DIGEST), can_stop=True)
    lines = [(line, absolute(line.path) if line.path else "") for line in digest.lines]
    return {
        "community": community,
        "zone": zone,
        "first": digest.lines[0].title,
        "others": len(digest.lines) + digest.more - 1,
        "sections": [
            (kind, found)
            for kind in LINE_KINDS
            if (found := [pair for pair in lines if pair[0].kind == kind])
        ],
        "more": digest.more,
        "library_url": absolute(reverse("library:resource_list", args=[community.slug])),
        "community_url": absolute(community.get_absolute_url()),
        **frame,
    }
