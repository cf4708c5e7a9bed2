from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from cop.core.links import absolute
from cop.core.mail import Email, one_line, render_email
from cop.core.text import localized
from members.mailing import footer, queue_community_email
from members.models import Community, User
from newsletter.digests import LINE_KINDS, Digest
from newsletter.layout import Follow, as_it_is, issue_html
from newsletter.links import LinkBook
from newsletter.models import NewsletterIssue
from newsletter.plain import issue_text
from newsletter.queries import Block, blocks_for, editions_up_to
from outbox.actions import Outgoing, queue_emails
from outbox.addresses import address_hash
from outbox.models import Purpose

TEMPLATE = "newsletter/email/issue"
WHY = gettext_lazy("You get this because you asked for the newsletter of this community.")
WHY_TEST = gettext_lazy("You get this test because you work on the newsletter of this community.")
WHY_DRAFT = gettext_lazy("You get this because you are an editor or coordinator of this community.")
WHY_DIGEST = gettext_lazy("You get this because you chose the weekly digest of this community.")


def issue_email(
    issue: NewsletterIssue, edition: str, language: str, *, links: LinkBook | None = None
) -> Email:
    """One issue for all readers of an edition in a language. The marks of the footer stay in:
    sending fills them in for each recipient. `links`: clicks are counted."""
    blocks = blocks_for(issue, editions_up_to(edition))
    return build_email(issue, blocks, language, WHY, follow=links.follow if links else as_it_is)


def build_email(
    issue: NewsletterIssue,
    blocks: list[Block],
    language: str,
    why: str | Promise,
    *,
    follow: Follow = as_it_is,
    is_test: bool = False,
) -> Email:
    """A test has no link that stops it: nobody asked for it."""
    frame = footer(issue.community, language=language, why=why, can_stop=not is_test)
    with translation.override(language):
        subject = render_to_string(f"{TEMPLATE}.subject.txt", {"issue": issue, "is_test": is_test})
    return Email(
        subject=one_line(subject),
        text=issue_text(issue, blocks, language, frame, follow=follow),
        html=issue_html(issue, blocks, language, frame, follow=follow, is_test=is_test),
    )


def preview_html(issue: NewsletterIssue, edition: str, language: str) -> str:
    """The HTML part as it would leave, with spotlights too on people who have not said yes."""
    blocks = blocks_for(issue, editions_up_to(edition), with_unasked=True)
    return build_email(issue, blocks, language, WHY).html


def queue_test(issue: NewsletterIssue, to: User | str, edition: str, *, now: datetime) -> None:
    """The issue as it stands, in each language of the site: to one of those who work on it, or to
    an address that they chose (N5)."""
    blocks = blocks_for(issue, editions_up_to(edition))
    person, address = (None, to) if isinstance(to, str) else (to, "")
    who = address_hash(address)[:16] if person is None else person.public_id
    for language, _name in settings.LANGUAGES:
        mail = Outgoing(
            key=f"newsletter:{issue.public_id}:test:{who}:{language}:{now:%Y%m%d%H%M%S}",
            kind="newsletter_test",
            purpose=Purpose.TRANSACTIONAL,
            email=build_email(issue, blocks, language, WHY_TEST, is_test=True),
            person=person,
            address=address,
            scope=issue.community.public_id,
            reply_to=issue.community.contact_email,
            sender_name=localized(issue.community, "name", language),
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
