"""The one mail of an import, and only where a coordinator asks for it: you are on our list now."""

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from members.mailing import queue_community_email
from members.models import ImportRun, Membership
from outbox.models import Purpose

WELCOME = "members/email/import_welcome"
WHY: str | Promise = _("You get this because the team has put you on the list of its members.")


def import_welcome_context(membership: Membership) -> dict[str, Any]:
    slug = membership.community.slug
    return {
        "category": membership.category,
        "sign_in_url": absolute(reverse("account_request_login_code")),
        "community_url": absolute(membership.community.get_absolute_url()),
        "leave_url": absolute(reverse("community_leave", args=[slug])),
    }


def queue_import_welcome(membership: Membership, run: ImportRun) -> bool:
    """Once for each person and list."""
    return queue_community_email(
        community=membership.community,
        person=membership.person,
        key=f"import:{run.public_id}:welcome:{membership.public_id}",
        kind="import_welcome",
        purpose=Purpose.TRANSACTIONAL,
        template=WELCOME,
        why=WHY,
        context=import_welcome_context(membership),
        looks_first=True,
    )
