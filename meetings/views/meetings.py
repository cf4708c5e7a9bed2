"""The list of meetings, first of all on a phone, and the file of one meeting."""

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from meetings import ics
from meetings.access import get_meeting_or_404, visible_meetings
from meetings.filters import MeetingFilters
from meetings.lines import Line, LineMaker
from meetings.models.meetings import MeetingQuerySet
from members.access import with_community
from members.models import Community

PAGE, PAST_FIRST = 15, 5
# Longer than any meeting can be: lets the index by start find those that still go on.
LONGEST = timedelta(days=23)


def zone_of(request: HttpRequest, community: Community) -> str:
    """The reader's zone; a visitor who has told none reads the community's."""
    return getattr(request, "zone", None) or community.timezone


@require_safe
@with_community
def meeting_list(request: HttpRequest, community: Community) -> HttpResponse:
    now, filters = timezone.now(), MeetingFilters.of(request, community)
    zone = zone_of(request, community)
    rows = filters.apply(visible_meetings(request.user, community))
    before, after = (request.GET.get(name, "") for name in ("before", "after"))
    maker = LineMaker(community, zone)
    upcoming = [] if before else maker.lines(_upcoming(rows, after, now)[: PAGE + 1])
    # While somebody reads on ahead, the past can wait.
    size = PAGE if before else PAST_FIRST
    past = [] if after else maker.lines(_past(rows, before, now)[: size + 1])
    context = {
        "zone": zone,
        "filters": filters,
        "upcoming": upcoming[:PAGE],
        "past": past[:size],
        "before": before,
        "after": after,
        "upcoming_url": _on(filters, "after", upcoming, PAGE),
        "past_url": _on(filters, "before", past, size),
        "tabs": calendar_tabs(community, filters, now, current="list"),
        "own_url": reverse("meetings:meeting_list", args=[community.slug]),
    }
    return render(request, "meetings/meeting_list.html", context)


def _upcoming(rows: MeetingQuerySet, after: str, now: datetime) -> MeetingQuerySet:
    """With what was called off: who had planned to come should find it here."""
    rows = rows.filter(ends_at__gt=now, starts_at__gt=now - LONGEST)
    if after:
        start, pk = _edge(rows, after)
        rows = rows.filter(starts_at__gte=start).exclude(starts_at=start, pk__lte=pk)
    return rows.order_by("starts_at", "pk")


def _past(rows: MeetingQuerySet, before: str, now: datetime) -> MeetingQuerySet:
    rows = rows.past(now).filter(starts_at__lte=now)
    if before:
        start, pk = _edge(rows, before)
        rows = rows.filter(starts_at__lte=start).exclude(starts_at=start, pk__gte=pk)
    return rows.order_by("-starts_at", "-pk")


def _edge(rows: MeetingQuerySet, public_id: str) -> tuple[datetime, int]:
    """Keyset paging: the place in the list of the last one that was seen."""
    edge = rows.filter(public_id=public_id).values_list("starts_at", "pk").first()
    if edge is None:
        raise Http404
    return edge


def _on(filters: MeetingFilters, name: str, lines: list[Line], size: int) -> str:
    """The address of the next page, named after the last meeting of this one."""
    if len(lines) <= size:
        return ""
    return filters.link(**{name: lines[size - 1].public_id})


def calendar_tabs(
    community: Community, filters: MeetingFilters, now: datetime, *, current: str
) -> list[dict[str, Any]]:
    places = {
        "list": (_("List"), "meeting_list", []),
        "agenda": (_("Weeks"), "meeting_agenda", []),
        "month": (_("Month"), "meeting_month", [now.year, now.month]),
    }
    return [
        {
            "label": label,
            "url": filters.link(reverse(f"meetings:{view}", args=[community.slug, *more])),
            "current": name == current,
        }
        for name, (label, view, more) in places.items()
    ]


@require_safe
@with_community
def meeting_ics(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    meeting = get_meeting_or_404(request.user, community, public_id)
    zone = zone_of(request, community)
    text = ics.meeting_file(meeting, zone, discreet=getattr(meeting, "is_discreet", False))
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response
