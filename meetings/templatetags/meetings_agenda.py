"""How a meeting runs, for its page: {% load meetings_agenda %}."""

from typing import Any

from django import template

from meetings.models import Meeting
from meetings.queries.agenda import timed_agenda

register = template.Library()


@register.inclusion_tag("meetings/detail/_agenda.html")
def agenda_of(meeting: Meeting, zone: str) -> dict[str, Any]:
    """One query. What the steps are is no secret from whoever may see the meeting."""
    timed = timed_agenda(meeting)
    return {"timed": timed, "total": sum(one.step.minutes for one in timed), "zone": zone}
