"""{% load meetings_changes %}: what is new about a meeting, each with before and now (MT4)."""

from django import template
from django.utils import timezone

from meetings.models import Meeting, Rsvp
from meetings.queries.changes import Change, what_changed

register = template.Library()


@register.simple_tag
def changes_for(rsvp: Rsvp, meeting: Meeting, zone: str) -> list[Change]:
    return what_changed(meeting, rsvp, zone, now=timezone.now())
