"""What came of a meeting, on its page: {% load library_meetings %}."""

from typing import Any

from django import template

from library.models import Resource
from library.queries.from_meeting import may_bring
from meetings.models import Meeting

register = template.Library()
MOST = 20


@register.inclusion_tag("library/_meeting_resources.html", takes_context=True)
def meeting_resources(context: dict[str, Any], meeting: Meeting) -> dict[str, Any]:
    """One question: what this person may see of it. And the way in for who prepared it."""
    person = context["request"].user
    rows = Resource.objects.visible_to(person).published().filter(meeting=meeting)
    rows = rows.only("public_id", "title", "kind", "language", "community_id")
    return {
        "meeting": meeting,
        "community": meeting.community,
        "resources": rows.order_by("kind", "-published_at", "pk")[:MOST],
        "may_bring": may_bring(person, meeting),
    }
