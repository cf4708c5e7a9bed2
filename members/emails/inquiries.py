"""May we ask the office that issued it? And the question itself, to an address without account."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import Email, render_email
from cop.core.text import localized
from members.mailing import community_email, footer, queue_community_email
from members.models import Community, IssuerInquiry
from outbox.actions import queue_email
from outbox.models import Purpose

PROPOSED = "members/email/inquiry_proposed"
INQUIRY = "members/email/issuer_inquiry"
WHY_PROPOSED = _("You get this because you applied to join this community.")
WHY_INQUIRY = _("You get this one question because somebody named your office to us.")


def inquiry_context(inquiry: IssuerInquiry) -> dict[str, Any]:
    application = inquiry.application
    return {
        "inquiry": inquiry,
        "application": application,
        "organization": application.organization,
        "page_url": absolute(application.get_absolute_url()),
    }


def queue_inquiry_proposed(inquiry: IssuerInquiry) -> None:
    application = inquiry.application
    queue_community_email(
        community=application.community,
        person=application.person,
        key=f"inquiry:{inquiry.public_id}:proposed",
        kind="inquiry_proposed",
        purpose=Purpose.TRANSACTIONAL,
        template=PROPOSED,
        why=WHY_PROPOSED,
        context=inquiry_context(inquiry),
    )


def proposed_email(inquiry: IssuerInquiry) -> Email:
    """The very mail to the applicant, for the reviewer's eyes first."""
    application = inquiry.application
    return community_email(
        community=application.community,
        person=application.person,
        template=PROPOSED,
        why=WHY_PROPOSED,
        # The link to the person's mail choices is made at sending; it is not for other eyes.
        context=inquiry_context(inquiry) | {"choices_url": ""},
    )


def issuer_email(inquiry: IssuerInquiry) -> Email:
    """In the community's first language: we know nothing of who reads it there."""
    application = inquiry.application
    community, language = application.community, language_of(application.community)
    with translation.override(language):
        frame = footer(community, language=language, why=WHY_INQUIRY, can_stop=False)
        frame["choices_url"] = ""
        context = {
            "community": community,
            "applicant": application.person,
            "inquiry": inquiry,
            "organization": application.organization,
            **frame,
        }
        return render_email(INQUIRY, context, language=language)


def language_of(community: Community) -> str:
    return next(iter(community.languages or ()), "en")


def queue_issuer_inquiry(inquiry: IssuerInquiry) -> None:
    community = inquiry.application.community
    queue_email(
        key=f"inquiry:{inquiry.public_id}:issuer",
        kind="issuer_inquiry",
        purpose=Purpose.TRANSACTIONAL,
        email=issuer_email(inquiry),
        address=inquiry.email,
        scope=community.public_id,
        reply_to=community.contact_email,
        sender_name=localized(community, "name", language_of(community)),
    )
