"""Once a month: what somebody should look at again."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from cop.core.links import absolute
from cop.core.time import after_quiet
from library.emails.credits import WHY_KEEPER
from library.models import Resource
from members.mailing import queue_community_email
from members.models import Community, User
from outbox.models import Purpose

NAME, FIRST = "reviews_due", 10


def queue_reviews_due(
    community: Community, person: User, resources: list[Resource], *, month: str, now: datetime
) -> bool:
    """`month`: 2026-11; one mail a month and person. The clock sends it, so not at night."""
    return queue_community_email(
        community=community,
        person=person,
        key=f"reviews:{community.public_id}:{month}:{person.pk}",
        kind=NAME,
        purpose=Purpose.TRANSACTIONAL,
        template=f"library/email/{NAME}",
        why=WHY_KEEPER,
        context=reviews_context(resources),
        due_at=after_quiet(now, person.timezone),
    )


def reviews_context(resources: list[Resource]) -> dict[str, Any]:
    path = reverse("admin:library_resource_changelist") + "?queue=again"
    shown = [resource.title for resource in resources[:FIRST]]
    return {
        "titles": shown, "number": len(resources), "more": len(resources) - len(shown),
        "url": absolute(path),
    }  # fmt: skip
