"""What the two ways in share: the personal link of a mail, and the button of the meeting's page.

The address behind the door is handed out by a redirect alone; no page of ours contains it (MT8).
"""

from datetime import datetime
from typing import Any

from django.http import HttpResponse

from meetings.actions.joining import has_room_for
from meetings.models import Meeting
from meetings.models.meetings import DOORS_OPEN
from members.models import User

EARLY, OPEN, FULL, OVER, CANCELLED = "early", "open", "full", "over", "cancelled"


def door_of(meeting: Meeting, person: User, now: datetime) -> str:
    """What somebody finds who stands at the door now."""
    if meeting.state == Meeting.State.CANCELLED:
        return CANCELLED
    if meeting.ends_at <= now or meeting.state == Meeting.State.WRAPPED:
        return OVER
    if not meeting.is_open_door(now):
        return EARLY
    return OPEN if has_room_for(meeting, person) else FULL


def door_facts(meeting: Meeting) -> dict[str, Any]:
    return {"opens_at": meeting.starts_at - DOORS_OPEN}


def lead_on(address: str) -> HttpResponse:
    """See other: the browser opens the address by GET. Our referrer policy keeps the link here."""
    response = HttpResponse(status=303)
    response["Location"] = address
    response["Cache-Control"] = "no-store"
    return response


def with_way_out(response: HttpResponse, meeting: Meeting) -> HttpResponse:
    """Browsers hold the answer to a form to `form-action`, wherever it leads in the end."""
    scheme = "http:" if meeting.join_url.startswith("http:") else "https:"
    response._csp_update = {"form-action": [scheme]}
    return response
