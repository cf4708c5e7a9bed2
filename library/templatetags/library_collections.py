"""Collections on other pages: {% load library_collections %}."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone

from library.models import Collection, Resource
from library.queries.collections import is_new_here, said, shelves
from members.models import Community

register = template.Library()


@register.inclusion_tag("library/_starter_set.html", takes_context=True)
def starter_set(context: dict[str, Any], community: Community) -> dict[str, Any]:
    """{% starter_set community %}: for members in their first weeks, nothing for others."""
    request: HttpRequest = context["request"]
    if not is_new_here(request.user, community, timezone.now().date()):
        return {"shelf": None}
    found = shelves(request.user, community, is_starter=True)
    return {"shelf": found[0] if found else None, "community": community}


@register.inclusion_tag("library/detail/_collections.html", takes_context=True)
def resource_collections(context: dict[str, Any], resource: Resource) -> dict[str, Any]:
    """{% resource_collections resource %}: of which collections it is a part. One statement."""
    request: HttpRequest = context["request"]
    rows = Collection.objects.visible_to(request.user).filter(items__resource=resource)
    community = resource.community
    found = [(said(one, "title"), one.public_id) for one in rows.order_by("title", "pk")]
    return {"collections": found, "community": community}
