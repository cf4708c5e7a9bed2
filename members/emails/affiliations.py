"""The question to a contact: does this person work or volunteer with you? (A1, A2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute, make_token
from members.mailing import queue_community_email
from members.models import Affiliation, Community, Membership, User
from outbox.models import Purpose

TEMPLATE = "members/email/affiliation_check"
PURPOSE = "works-here"
WHY = _("You get this because you speak for your organization here.")


def check_url(contact: User, organization_id: str) -> str:
    """The page with the buttons. It names the contact and the house, never the people asked for."""
    token = make_token(PURPOSE, [contact.public_id, organization_id])
    return absolute(reverse("members:works_here", args=[token]))


def check_context(
    contact: User, affiliations: Sequence[Affiliation], *, is_reminder: bool = False
) -> dict[str, Any]:
    organization = affiliations[0].organization
    return {
        "organization": organization,
        "people": [row.person.display_name for row in affiliations],
        "url": check_url(contact, organization.public_id),
        "is_reminder": is_reminder,
    }


def queue_affiliation_check(
    contact: User,
    affiliations: Sequence[Affiliation],
    *,
    now: datetime,
    is_reminder: bool = False,
) -> bool:
    """At most one a day to each contact, about all who wait. False if today's has gone already."""
    organization = affiliations[0].organization
    community = _community(affiliations)
    if community is None:
        return False
    day = now.astimezone(ZoneInfo(contact.timezone)).date()
    kind = "affiliation_reminder" if is_reminder else "affiliation_check"
    return queue_community_email(
        community=community,
        person=contact,
        key=f"{kind}:{contact.public_id}:{organization.public_id}:{day}",
        kind="affiliation_check",
        purpose=Purpose.TRANSACTIONAL,
        template=TEMPLATE,
        why=WHY,
        context=check_context(contact, affiliations, is_reminder=is_reminder),
        looks_first=True,
    )


def _community(affiliations: Sequence[Affiliation]) -> Community | None:
    """In whose name we ask: the community that waits longest, else one they belong to."""
    people = [row.person_id for row in affiliations]
    waiting = Community.objects.filter(
        applications__person__in=people,
        applications__organization=affiliations[0].organization_id,
    )
    inside = Community.objects.filter(
        memberships__person__in=people, memberships__state__in=Membership.CURRENT_STATES
    )
    first = waiting.order_by("applications__submitted_at", "pk").first()
    return first or inside.order_by("memberships__joined_on", "pk").first()
