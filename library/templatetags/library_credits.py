"""Who is in a resource, for those who may know (L3, L4)."""

from typing import Any

from django import template

from library.models import Resource, ResourceCredit, Visibility
from library.queries.credits import credits_shown
from members.access import may_see_audience
from members.queries.communities import audiences_here

register = template.Library()
Part = ResourceCredit.Part
# As the frame of a page knows them (members.queries.communities).
AUDIENCES = {
    Visibility.PUBLIC: "public",
    Visibility.MEMBERS_AND_ALLIES: "members_and_allies",
    Visibility.MEMBERS: "members_only",
}


@register.inclusion_tag("library/detail/_credits.html", takes_context=True)
def resource_credits(context: dict[str, Any], resource: Resource) -> dict[str, Any]:
    """Named are those who said yes to it, before the readers they said it for."""
    community, person = resource.community, context["request"].user
    known = audiences_here(community, person)
    if known is None:
        mine = [one for one in AUDIENCES if may_see_audience(person, community, one)]
    else:
        mine = [one for one, name in AUDIENCES.items() if name in known]
    rows = credits_shown(resource, mine)
    return {
        "authors": _names(rows, Part.AUTHOR),
        "speakers": _names(rows, *ResourceCredit.RECOGNIZABLE),
    }


def _names(rows: list[ResourceCredit], *parts: str) -> list[str]:
    return list(dict.fromkeys(row.who for row in rows if row.part in parts))
