"""An invitation, to an address that may have no account yet; and the welcome of who accepted."""

from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute, make_token
from cop.core.mail import Email, render_email
from cop.core.text import localized
from members.emails.applications import TEMPLATES
from members.mailing import footer, queue_community_email
from members.models import Community, Invitation, Membership, User
from members.queries import greeter_for
from outbox.actions import queue_email
from outbox.models import Purpose

PURPOSE = "invitation"
TEMPLATE = "members/email/community_invitation"
WHY: str | Promise = _("You get this one mail because somebody of this community invited you.")
WHY_WELCOME: str | Promise = _("You get this because you accepted an invitation.")


def invitation_url(invitation: Invitation) -> str:
    token = make_token(PURPOSE, invitation.public_id)
    return absolute(reverse("members:invitation", args=[token]))


def language_for(community: Community, person: User | None) -> str:
    """Of somebody without an account we know nothing: the first language of the community."""
    return person.language if person else next(iter(community.languages or ()), "en")


def invitation_email(invitation: Invitation, person: User | None) -> Email:
    community = invitation.community
    language = language_for(community, person)
    with translation.override(language):
        frame = footer(community, language=language, why=WHY, can_stop=False)
        frame["choices_url"] = ""
        context: dict[str, Any] = {
            "community": community,
            "person": person,
            "invitation": invitation,
            "inviter": invitation.invited_by,
            "url": invitation_url(invitation),
            **frame,
        }
        return render_email(TEMPLATE, context, language=language)


def queue_invitation(invitation: Invitation) -> None:
    """Once for each invitation, to the very address that the coordinator wrote."""
    community = invitation.community
    person = User.objects.filter(email=invitation.email, is_active=True).first()
    to: dict[str, Any] = {"person": person} if person else {"address": invitation.email}
    queue_email(
        key=f"invitation:{invitation.public_id}",
        kind="community_invitation",
        purpose=Purpose.TRANSACTIONAL,
        email=invitation_email(invitation, person),
        scope=community.public_id,
        reply_to=community.contact_email,
        sender_name=localized(community, "name", language_for(community, person)),
        **to,
    )


def queue_invited_welcome(membership: Membership, invitation: Invitation) -> None:
    """The same words as after an application."""
    queue_community_email(
        community=membership.community,
        person=membership.person,
        key=f"invitation:{invitation.public_id}:welcome",
        kind="welcome",
        purpose=Purpose.TRANSACTIONAL,
        template=TEMPLATES["welcome"],
        why=WHY_WELCOME,
        context={
            "category": membership.category,
            "greeter": greeter_for(membership.community, membership.person),
        },
    )
