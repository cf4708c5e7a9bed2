"""{% load meetings_ballots %}: the vote that waits for somebody, on the community's front page."""

from typing import Any

from django import template
from django.utils import timezone

from meetings.queries.ballots import card_for
from members.models import Community

register = template.Library()


@register.inclusion_tag("meetings/_ballot_card.html", takes_context=True)
def ballot_card(context: dict[str, Any], community: Community) -> dict[str, Any]:
    """Nothing for all who have no paper: visitors, allies, who joined later."""
    request = context["request"]
    return {
        "card": card_for(request.user, community, timezone.now()),
        "zone": getattr(request, "zone", None) or community.timezone,
    }
