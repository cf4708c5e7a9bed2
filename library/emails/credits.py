"""Letters about who is in a resource: may we, did you see our question, somebody took it back."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.time import after_quiet
from library.links import consent_url
from library.models import Resource, ResourceCredit, Visibility
from members.mailing import queue_community_email
from members.models import RoleGrant, User
from members.models.communities import current_grant
from outbox.models import Purpose

REQUEST, REMINDER = "consent_request", "consent_reminder"
WITHDRAWN = "consent_withdrawn"
WHY_ASKED = _("You get this because you can be recognized or named in something we keep.")
WHY_KEEPER = _("You get this because you look after the library.")


def queue_request(credit: ResourceCredit, visibility: str, *, now: datetime) -> bool:
    """One a day at most for the same question, however often it is pressed."""
    return _ask(credit, REQUEST, f"asked:{visibility}:{now:%Y%m%d}", visibility)


def queue_reminder(credit: ResourceCredit, *, now: datetime) -> bool:
    """Once for the first question of theirs. The clock asks, so not at night."""
    fact = f"reminded:{credit.asked_at:%Y%m%d}" if credit.asked_at else "reminded"
    due_at = after_quiet(now, credit.person.timezone) if credit.person else now
    return _ask(credit, REMINDER, fact, credit.resource.visibility, due_at=due_at)


def _ask(
    credit: ResourceCredit, name: str, fact: str, visibility: str, due_at: datetime | None = None
) -> bool:
    return queue_community_email(
        community=credit.resource.community,
        person=credit.person,
        key=f"credit:{credit.public_id}:{fact}",
        kind=name,
        purpose=Purpose.TRANSACTIONAL,
        template=f"library/email/{name}",
        why=WHY_ASKED,
        context=consent_context(credit, visibility),
        due_at=due_at,
        looks_first=True,
    )


def consent_context(credit: ResourceCredit, visibility: str) -> dict[str, Any]:
    return {
        "credit": credit,
        "resource": credit.resource,
        "audience": Visibility(visibility).label,
        "url": consent_url(credit, visibility),
    }


def queue_withdrawn(resource: Resource, *, is_out: bool, now: datetime) -> None:
    """To those who look after the library. Neither who it was nor why stands in the mail."""
    for keeper in keepers_of(resource):
        queue_community_email(
            community=resource.community,
            person=keeper,
            key=f"resource:{resource.public_id}:no-consent:{now.timestamp():.0f}:{keeper.pk}",
            kind=WITHDRAWN,
            purpose=Purpose.TRANSACTIONAL,
            template=f"library/email/{WITHDRAWN}",
            why=WHY_KEEPER,
            context=withdrawn_context(resource, is_out=is_out),
        )


def withdrawn_context(resource: Resource, *, is_out: bool) -> dict[str, Any]:
    path = reverse("admin:library_resource_change", args=[resource.pk or 0])
    return {"resource": resource, "is_out": is_out, "url": absolute(path)}


def keepers_of(resource: Resource) -> list[User]:
    """The librarians; where there are none, the coordinators."""
    for role in Resource.KEEPER_ROLES:
        grants = RoleGrant.objects.filter(
            current_grant(), community=resource.community_id, role=role, person__is_active=True
        )
        people = [grant.person for grant in grants.select_related("person").order_by("person")]
        if people:
            return list(dict.fromkeys(people))
    return []
