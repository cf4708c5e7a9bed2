"""The same thing in the other languages."""

from typing import Any

from django import template

from library.models import Resource
from library.queries.translations import translations_of

register = template.Library()


@register.inclusion_tag("library/detail/_translations.html", takes_context=True)
def resource_translations(context: dict[str, Any], resource: Resource) -> dict[str, Any]:
    rows = translations_of(resource, context["request"].user)
    # Only whether there is a text: the texts themselves stay where they are.
    rows = rows.only("public_id", "title", "language", "body", "community_id")
    others = list(rows)
    return {
        "resource": resource,
        "community": resource.community,
        "others": others,
        "has_texts": bool(resource.body) and any(one.body for one in others),
    }
