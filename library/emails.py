from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from library.models import Resource
from members.mailing import queue_community_email
from outbox.models import Purpose

WHY = _("You get this because you sent something in for the library.")


def queue_published(resource: Resource) -> None:
    _queue(resource, "resource_published", fact="published", path=resource.get_absolute_url())


def queue_returned(resource: Resource, *, now: datetime) -> None:
    """It may come back more than once: the moment is part of the fact."""
    path = reverse("library:resource_edit", args=[resource.community.slug, resource.public_id])
    _queue(resource, "resource_returned", fact=f"returned:{now:%Y%m%d%H%M%S}", path=path)


def _queue(resource: Resource, name: str, *, fact: str, path: str) -> None:
    queue_community_email(
        community=resource.community,
        person=resource.submitted_by,
        key=f"resource:{resource.public_id}:{fact}",
        kind=name,
        purpose=Purpose.TRANSACTIONAL,
        template=f"library/email/{name}",
        why=WHY,
        context={"resource": resource, "url": absolute(path)},
    )
