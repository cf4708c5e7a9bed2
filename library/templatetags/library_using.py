"""What is new for a reader of the library: {% load library_using %}."""

from typing import Any

from django import template
from django.utils import timezone

from library.queries.using import new_in_topics

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
