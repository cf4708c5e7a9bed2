"""What search shows on other pages: {% load library_search %}."""

from typing import Any

from django import template
from django.http import HttpRequest

from library.models import Resource
from library.search import related_to

register = template.Library()


@register.inclusion_tag("library/_related.html", takes_context=True)
def related_resources(context: dict[str, Any], resource: Resource) -> dict[str, Any]:
    """{% related_resources resource %}: up to four this reader may see, the nearest first."""
    request: HttpRequest = context["request"]
    rows = Resource.objects.visible_to(request.user).published()
    return {"resources": related_to(rows, resource), "community": resource.community}
