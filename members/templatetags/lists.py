"""The doors to lists, in and out, on the pages of the desk that show the same rows."""

from typing import Any

from django import template

from members.desk import roles_held

register = template.Library()


@register.simple_tag(takes_context=True)
def may_move_lists(context: dict[str, Any]) -> bool:
    """Coordinators and the administrator: lists hold people's data."""
    request = context["request"]
    held = roles_held(request).values()
    return request.user.is_superuser or any("coordinator" in roles for roles in held)
