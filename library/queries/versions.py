"""What a resource was before, for those who may read it now."""

from typing import TYPE_CHECKING

from library.models import Resource, ResourceVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet


def versions_of(resource: Resource) -> "QuerySet[ResourceVersion]":
    """The newest first, without the texts."""
    rows = ResourceVersion.objects.filter(resource=resource).defer("body")
    return rows.order_by("-number")


def may_read_versions(resource: Resource, *, is_keeper: bool) -> bool:
    """With the resource itself; of what is taken out nothing stays open, nor of what waits."""
    return is_keeper or resource.is_shown or resource.state == Resource.State.SUPERSEDED
