"""The Open Space board and one of its topics."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cop.core.errors import ActionError
from meetings.actions import board as actions
from meetings.models import BoardRoom, BoardTopic, Meeting
from meetings.queries.board import (
    FORMAT,
    is_unchanged,
    may_see_board,
    rounds_of,
    takes_changes,
    topics_of,
)
from meetings.queries.run_sheet import may_run
from meetings.views.meetings import zone_of
from members.access import with_community
from members.models import Community

METHODS = ["GET", "HEAD", "POST"]


@never_cache
@require_safe
@login_required
def board_part(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Asked every few seconds by each open page: 204 as long as nothing has changed."""
    if is_unchanged(request.user, slug, public_id, request.GET.get("v", "")):
        return HttpResponse(status=204)
    return _board_part(request, slug=slug, public_id=public_id)


@with_community
def _board_part(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    meeting = _meeting(request, community, public_id)
    return render(request, "meetings/_board.html", _context(request, meeting))


@never_cache
@require_http_methods(METHODS)
@login_required
@with_community
def board(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    meeting = _meeting(request, community, public_id)
    if request.method == "POST":
        try:
            _act(request, meeting, timezone.now())
        except ActionError as error:
            messages.error(request, str(error))
            context = _context(request, meeting) | {"typed": request.POST.get("title", "")}
            return render(request, "meetings/board.html", context)
        return redirect(request.path)
    return render(request, "meetings/board.html", _context(request, meeting))


def _meeting(request: HttpRequest, community: Community, public_id: str) -> Meeting:
    rows = Meeting.objects.filter(community=community, public_id=public_id)
    meeting = rows.select_related("format").first()
    if meeting is None:
        raise Http404
    meeting.community = community
    if not may_see_board(request.user, meeting):
        raise Http404
    is_open_space = meeting.format is not None and meeting.format.code == FORMAT
    if not is_open_space and not meeting.board_version and not may_run(request.user, meeting):
        raise Http404
    return meeting


def _act(request: HttpRequest, meeting: Meeting, now: datetime) -> None:
    data, do = request.POST, request.POST.get("do", "propose")
    if do == "propose":
        title = data.get("title", "").replace("\0", "")
        actions.propose_board_topic(meeting=meeting, title=title, by=request.user, now=now)
        messages.success(request, _("Your topic is on the wall."))
    elif not may_run(request.user, meeting):
        raise Http404
    elif do == "set_up":
        actions.set_up_board(meeting=meeting, rooms=_number(data, "rooms"), by=request.user)
    elif do == "rename":
        room = get_object_or_404(BoardRoom, meeting=meeting, pk=_number(data, "room"))
        room.meeting = meeting
        actions.rename_board_room(room=room, name=data.get("name", "").replace("\0", ""), now=now)


def _context(request: HttpRequest, meeting: Meeting) -> dict[str, Any]:
    topics = topics_of(meeting)
    return {
        "meeting": meeting,
        "zone": zone_of(request, meeting.community),
        "rounds": rounds_of(meeting, topics),
        "wall": [topic for topic in topics if topic.slot_id is None],
        "is_open": takes_changes(meeting, timezone.now()),
        "runs": may_run(request.user, meeting),
        "parents": [{"label": meeting.title, "url": meeting.get_absolute_url()}],
    }


@never_cache
@require_http_methods(METHODS)
@login_required
@with_community
def board_topic(
    request: HttpRequest, community: Community, public_id: str, topic_id: str
) -> HttpResponse:
    """One topic: its place, its notes. The board itself stays free of forms, as it changes."""
    meeting = _meeting(request, community, public_id)
    rows = BoardTopic.objects.filter(meeting=meeting).select_related("host", "slot", "room")
    topic = get_object_or_404(rows, public_id=topic_id)
    topic.meeting = meeting
    typed = None
    if request.method == "POST":
        try:
            return _act_on_topic(request, topic, timezone.now())
        except ActionError as error:
            messages.error(request, str(error))
            typed = request.POST.get("notes")
    context = _context(request, meeting) | {
        "topic": topic, "typed": typed,
        "is_theirs": topic.host_id == request.user.pk or may_run(request.user, meeting),
    }  # fmt: skip
    return render(request, "meetings/board_topic.html", context)


def _act_on_topic(request: HttpRequest, topic: BoardTopic, now: datetime) -> HttpResponse:
    data, do, meeting = request.POST, request.POST.get("do", ""), topic.meeting
    who = {"topic": topic, "by": request.user, "now": now}
    if do == "place":
        slot_key, _dash, room_key = data.get("place", "").partition("-")
        keys = {"slot": slot_key, "room": room_key}
        slot = meeting.board_slots.filter(pk=_number(keys, "slot")).first()
        room = meeting.board_rooms.filter(pk=_number(keys, "room")).first()
        if data.get("place") and (slot is None or room is None):
            raise ActionError(_("Choose a place on this board."))
        actions.place_board_topic(slot=slot, room=room, **who)
    elif do == "withdraw":
        actions.withdraw_board_topic(**who)
    elif do == "notes":
        words = data.get("notes", "").replace("\0", "")
        if actions.write_board_notes(notes=words, version=_number(data, "version"), **who):
            messages.info(request, _("Somebody else wrote here too: both texts are kept."))
        else:
            messages.success(request, _("The notes are saved."))
        return redirect(request.path)
    return redirect("meetings:board", meeting.community.slug, meeting.public_id)


def _number(data: QueryDict | dict[str, str], name: str) -> int:
    value = data.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1
