"""{% load meetings_run_sheet %}: the way to the run sheet, for those who run the meeting."""

from typing import Any

from django import template

from meetings.models import Meeting, Rsvp
from meetings.queries.run_sheet import leads_to_sheet

register = template.Library()


@register.inclusion_tag("meetings/detail/_run_sheet.html", takes_context=True)
def run_sheet_link(context: dict[str, Any], meeting: Meeting) -> dict[str, Any]:
    shows, rsvp = leads_to_sheet(context["request"].user, meeting), context.get("rsvp")
    is_coming = rsvp is not None and rsvp.state in Rsvp.COMING
    shows_board = meeting.board_version > 0 and (shows or is_coming)
    return {"meeting": meeting, "shows": shows, "shows_board": shows_board}
