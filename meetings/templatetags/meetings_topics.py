"""The way to the topics: {% load meetings_topics %}."""

from django import template

from members.access import Visitor
from members.models import Community
from members.queries.communities import audiences_here

register = template.Library()


@register.simple_tag
def may_see_topics(community: Community, person: Visitor) -> bool:
    """From what was read with the community: no question of its own."""
    return "members_and_allies" in (audiences_here(community, person) or ())
