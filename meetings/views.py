from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cop.core.errors import ActionError
from meetings import ics, months
from meetings.access import get_meeting_or_404, visible_meetings
from meetings.actions import answer_rsvp
from meetings.answers import say_answer
from meetings.calendar_links import google_url, outlook_url
from meetings.models import Meeting, Rsvp
from meetings.queries import place_in_line, turnout
from members.access import with_community
from members.models import Community

PAST_PAGE = 20
YEARS = range(2000, 2101)


def zone_of(request: HttpRequest, community: Community) -> str:
    """The reader's zone; a visitor who has told none reads the community's."""
    return getattr(request, "zone", None) or community.timezone


@require_safe
@with_community
def meeting_list(request: HttpRequest, community: Community) -> HttpResponse:
    now = timezone.now()
    visible = visible_meetings(request.user, community)
    before = request.GET.get("before", "")
    past = _past_page(visible, before, now)
    context = {
        "zone": zone_of(request, community),
        # With what was called off: who had planned to come should find it here.
        "upcoming": [] if before else visible.filter(ends_at__gt=now).order_by("starts_at", "pk"),
        "past": past[:PAST_PAGE],
        "before": before,
        "next_url": f"?before={past[PAST_PAGE - 1].public_id}" if len(past) > PAST_PAGE else "",
        "tabs": _tabs(community, now, current="list"),
    }
    return render(request, "meetings/meeting_list.html", context)


def _past_page(visible: Any, before: str, now: datetime) -> list[Meeting]:  # noqa: ANN401
    """Keyset paging: the meetings before the one named, latest first, and one more to know of."""
    rows = visible.past(now)
    if before:
        edge = rows.filter(public_id=before).values_list("starts_at", "pk").first()
        if edge is None:
            raise Http404
        rows = rows.filter(starts_at__lte=edge[0]).exclude(starts_at=edge[0], pk__gte=edge[1])
    return list(rows.order_by("-starts_at", "-pk")[: PAST_PAGE + 1])


def _tabs(community: Community, now: datetime, *, current: str) -> list[dict[str, Any]]:
    month = reverse("meetings:meeting_month", args=[community.slug, now.year, now.month])
    listing = reverse("meetings:meeting_list", args=[community.slug])
    return [
        {"label": _("List"), "url": listing, "current": current == "list"},
        {"label": _("Month"), "url": month, "current": current == "month"},
    ]


@require_safe
@with_community
def meeting_month(
    request: HttpRequest, community: Community, year: int, month: int
) -> HttpResponse:
    if year not in YEARS or month not in range(1, 13):
        raise Http404
    now, zone = timezone.now(), zone_of(request, community)
    days = months.weeks_of(year, month)
    start, end = months.bounds(days)
    rows = visible_meetings(request.user, community).filter(starts_at__gte=start, starts_at__lt=end)
    weeks = months.fill(days, month, rows.order_by("starts_at", "pk"), zone, now)
    previous, following = months.neighbours(year, month)
    context = {
        "zone": zone,
        "first_day": date(year, month, 1),
        "weeks": weeks,
        "meetings": [m for week in weeks for day in week for m in day.inside],
        "previous": previous if previous.year in YEARS else None,
        "following": following if following.year in YEARS else None,
        "tabs": _tabs(community, now, current="month"),
    }
    return render(request, "meetings/meeting_month.html", context)


@require_safe
@with_community
def meeting_detail(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    try:
        meeting = get_meeting_or_404(request.user, community, public_id)
    except Http404:
        # Whoever follows a link from a mail must not be told that the page is gone. This
        # answers alike whether there is such a meeting or not.
        if request.user.is_authenticated:
            raise
        return redirect_to_login(request.get_full_path())
    now = timezone.now()
    rsvp = _answer_of(request, meeting)
    context = {
        "meeting": meeting,
        "zone": zone_of(request, community),
        "rsvp": rsvp,
        "place_in_line": place_in_line(rsvp) if rsvp and rsvp.wait_ticket else None,
        "takes_answers": meeting.takes_answers(now),
        "seats_are_free": not meeting.hands_on_seats(now) and not meeting.is_full,
        "door_is_open": bool(rsvp and rsvp.is_coming and meeting.is_open_door(now)),
        "is_over": meeting.ends_at <= now,
        "turnout": turnout(meeting, request.user),
        "google_url": google_url(meeting),
        "outlook_url": outlook_url(meeting),
        "parents": [{"label": _("Meetings"), "url": _list_url(community)}],
    }
    return render(request, "meetings/meeting_detail.html", context)


def _answer_of(request: HttpRequest, meeting: Meeting) -> Rsvp | None:
    if not request.user.is_authenticated:
        return None
    return meeting.rsvps.filter(person=request.user).first()


def _list_url(community: Community) -> str:
    return reverse("meetings:meeting_list", args=[community.slug])


@require_POST
@login_required
@with_community
def rsvp_answer(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    meeting = get_meeting_or_404(request.user, community, public_id)
    answer = request.POST.get("answer", "")
    try:
        rsvp = answer_rsvp(
            meeting=meeting,
            person=request.user,
            answer=answer,
            via=Rsvp.Via.SITE,
            now=timezone.now(),
        )
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, say_answer(rsvp))
    return redirect(meeting)


@require_safe
@with_community
def meeting_ics(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    meeting = get_meeting_or_404(request.user, community, public_id)
    text = ics.meeting_file(meeting, zone_of(request, community))
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response
