from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from library.models import Resource
from members.mailing import queue_community_email
from outbox.models import Purpose

WHY = _("You get this because you sent something in for the library.")


def queue_published(resource: Resource) -> None:
    _queue(resource, "resource_published", fact="published")


def queue_returned(resource: Resource, *, now: datetime) -> None:
    """It may come back more than once: the moment is part of the fact."""
    _queue(resource, "resource_returned", fact=f"returned:{now:%Y%m%d%H%M%S}")


def resource_context(resource: Resource, name: str) -> dict[str, Any]:
    path = resource.get_absolute_url()
    if name == "resource_returned":
        path = reverse("library:resource_edit", args=[resource.community.slug, resource.public_id])
    return {"resource": resource, "url": absolute(path)}


def _queue(resource: Resource, name: str, *, fact: str) -> None:
    queue_community_email(
        community=resource.community,
        person=resource.submitted_by,
        key=f"resource:{resource.public_id}:{fact}",
        kind=name,
        purpose=Purpose.TRANSACTIONAL,
        template=f"library/email/{name}",
        why=WHY,
        context=resource_context(resource, name),
    )
