"""Two ways in, one door: the personal link of a mail, and the button on the meeting's page."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cop.core.errors import ActionError
from meetings import doorway
from meetings.access import get_meeting_or_404, is_watched
from meetings.actions import join_meeting
from meetings.calendar_links import google_url, outlook_url
from meetings.link_readers import language_of, read_meeting_link
from meetings.models import Meeting
from members.access import with_community
from members.models import Community, User

REPLACED, NO_LINK = "replaced", "no_link"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_link(request: HttpRequest, token: str) -> HttpResponse:
    """The way in from a mail, without signing in. Scanners open links, so GET notes nothing."""
    meeting, person, (version,) = read_meeting_link("join", token, more=1)
    now = timezone.now()
    with translation.override(language_of(request, person)):
        door = _door(meeting, person, version, now)
        if request.method == "POST" and door == doorway.OPEN:
            try:
                return doorway.lead_on(join_meeting(meeting=meeting, person=person, now=now))
            except ActionError as error:
                # The last seat went between the look and the tap.
                messages.error(request, str(error))
                door = _door(meeting, person, version, now)
        response = render(request, "meetings/join_link.html", _context(meeting, person, door))
    return doorway.with_way_out(response, meeting) if door == doorway.OPEN else response


def _door(meeting: Meeting, person: User, version: object, now: datetime) -> str:
    door = doorway.door_of(meeting, person, now)
    if door in {doorway.CANCELLED, doorway.OVER}:
        return door
    if version != meeting.door_version:
        return REPLACED
    return door if meeting.join_url or door != doorway.OPEN else NO_LINK


def _context(meeting: Meeting, person: User, door: str) -> dict[str, Any]:
    return {
        "meeting": meeting,
        "community": meeting.community,
        "zone": person.timezone,
        # A mail may have been passed on: a first letter is enough to notice that.
        "initial": person.display_name[:1],
        "door": door,
        "is_watched": is_watched(meeting),
        "google_url": google_url(meeting),
        "outlook_url": outlook_url(meeting),
        **doorway.door_facts(meeting),
    }


@never_cache
@require_POST
@login_required
@with_community
def meeting_join(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    meeting = get_meeting_or_404(request.user, community, public_id)
    try:
        address = join_meeting(meeting=meeting, person=request.user, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
        return redirect(meeting)
    return doorway.lead_on(address)
