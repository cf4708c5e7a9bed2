"""The earlier versions on the page of a resource."""

from typing import Any

from django import template

from library.models import Resource
from library.queries.versions import may_read_versions, versions_of

register = template.Library()


@register.inclusion_tag("library/detail/_versions.html", takes_context=True)
def resource_versions(context: dict[str, Any], resource: Resource) -> dict[str, Any]:
    """One question, and none where there was never another version."""
    may = may_read_versions(resource, is_keeper=bool(context.get("is_keeper")))
    return {
        "resource": resource,
        "community": resource.community,
        "zone": context.get("zone") or resource.community.timezone,
        "versions": list(versions_of(resource)) if resource.version > 1 and may else [],
    }
