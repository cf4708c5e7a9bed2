"""Tags about what came of a meeting, and who was there: {% load meetings_attendance %}."""

from typing import Any

from django import template

from meetings.answers import say_minutes
from meetings.models import Meeting
from meetings.queries.notes import published_notes, told_later
from members.access import Visitor

register = template.Library()


@register.filter
def as_hours(minutes: int) -> str:
    """135 -> “2 hours 15 minutes”."""
    return say_minutes(minutes)


@register.inclusion_tag("meetings/detail/_catch_up.html")
def catch_up(meeting: Meeting, person: Visitor) -> dict[str, Any]:
    """For those who could not come: the published notes, and what was told a month later."""
    notes = published_notes(person, meeting)
    return {"notes": notes, "later": told_later(meeting) if notes else []}
