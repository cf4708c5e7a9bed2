"""What is new for a reader of the library: {% load library_using %}."""

from typing import Any

from django import template
from django.utils import timezone

from library.models import Resource
from library.queries.using import new_in_topics, weeks_of

register = template.Library()
MOST = 3


@register.inclusion_tag("library/_shelf.html", takes_context=True)
def library_shelf(context: dict[str, Any]) -> dict[str, Any]:
    """The newest in one's topics, and the way to one's own shelf. One question, signed in."""
    request, community = context["request"], context["community"]
    resources: list[Any] = []
    if request.user.is_authenticated:
        rows = new_in_topics(request.user, community, timezone.now())
        resources = list(rows.only("public_id", "title", "kind", "language", "community_id")[:MOST])
    return {"request": request, "community": community, "resources": resources}


@register.inclusion_tag("library/admin/_readers.html")
def resource_readers(resource: Resource | None) -> dict[str, Any]:
    """At the desk: what readers said of it, and how often it was opened and taken."""
    if resource is None or not resource.is_shown:
        return {}
    return {"resource": resource, "weeks": weeks_of(resource, timezone.now())}
