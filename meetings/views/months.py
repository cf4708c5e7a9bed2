"""Meetings by day: a month as a grid, and the coming weeks."""

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.views.decorators.http import require_safe

from meetings import months
from meetings.access import visible_meetings
from meetings.filters import MeetingFilters
from meetings.lines import Line, LineMaker
from meetings.views.meetings import calendar_tabs, zone_of
from members.access import with_community
from members.models import Community

YEARS = range(2000, 2101)
WEEKS = 4


def _month_url(community: Community, day: date) -> str:
    return reverse("meetings:meeting_month", args=[community.slug, day.year, day.month])


@require_safe
@with_community
def meeting_month(
    request: HttpRequest, community: Community, year: int, month: int
) -> HttpResponse:
    if year not in YEARS or month not in range(1, 13):
        raise Http404
    filters, zone = MeetingFilters.of(request, community), zone_of(request, community)
    if jump := _jump(request):
        return redirect(filters.link(_month_url(community, jump)))
    now = timezone.now()
    days = months.weeks_of(year, month)
    lines = _lines(request, community, filters, zone, months.bounds(days))
    weeks = months.fill(days, month, lines, now.astimezone(ZoneInfo(zone)).date())
    previous, following = months.neighbours(year, month)
    today = now.astimezone(ZoneInfo(zone)).date()
    context = {
        "zone": zone,
        "filters": filters,
        "first_day": date(year, month, 1),
        "weeks": weeks,
        "meetings": [line for week in weeks for day in week for line in day.inside],
        "previous": _neighbour(community, filters, previous),
        "following": _neighbour(community, filters, following),
        "today_url": ""
        if (today.year, today.month) == (year, month)
        else filters.link(_month_url(community, today)),
        "tabs": calendar_tabs(community, filters, now, current="month"),
        "own_url": _month_url(community, date(year, month, 1)),
    }
    return render(request, "meetings/meeting_month.html", context)


def _jump(request: HttpRequest) -> date | None:
    """`?go=2027-03`, from the field to choose a month; nonsense stays where it is."""
    try:
        found = datetime.strptime(request.GET.get("go", ""), "%Y-%m")
    except ValueError:
        return None
    return found.date() if found.year in YEARS else None


def _neighbour(community: Community, filters: MeetingFilters, first: date) -> dict[str, Any] | None:
    if first.year not in YEARS:
        return None
    return {"day": first, "url": filters.link(_month_url(community, first))}


def _lines(
    request: HttpRequest,
    community: Community,
    filters: MeetingFilters,
    zone: str,
    bounds: tuple[datetime, datetime],
) -> list[Line]:
    rows = filters.apply(visible_meetings(request.user, community))
    rows = rows.filter(starts_at__gte=bounds[0], starts_at__lt=bounds[1])
    return LineMaker(community, zone).lines(rows.order_by("starts_at", "pk"))


@require_safe
@with_community
def meeting_agenda(request: HttpRequest, community: Community) -> HttpResponse:
    """Four weeks from a Monday (or Sunday, where weeks begin so), day by day."""
    filters, zone = MeetingFilters.of(request, community), zone_of(request, community)
    now = timezone.now()
    today = now.astimezone(ZoneInfo(zone)).date()
    first = _week_of(_asked_day(request) or today)
    last = first + timedelta(weeks=WEEKS)
    start = datetime.combine(first, datetime.min.time(), tzinfo=UTC) - timedelta(days=1)
    bounds = (start, start + timedelta(weeks=WEEKS, days=2))
    found = _lines(request, community, filters, zone, bounds)
    lines = [one for one in found if first <= one.day < last]
    own = reverse("meetings:meeting_agenda", args=[community.slug])
    earlier, later = (first + timedelta(weeks=by) for by in (-WEEKS, WEEKS))
    following = None if lines else _following(request, community, filters, zone, bounds[1])
    context = {
        "zone": zone,
        "filters": filters,
        "weeks": _weeks(first, lines, today),
        "earlier_url": filters.link(own, **{"from": earlier.isoformat()}),
        "later_url": filters.link(own, **{"from": later.isoformat()}),
        "today_url": "" if first == _week_of(today) else filters.link(own),
        "is_empty": not lines,
        "next_line": following,
        "next_url": filters.link(own, **{"from": following.day.isoformat()}) if following else "",
        "tabs": calendar_tabs(community, filters, now, current="agenda"),
        "own_url": own,
    }
    return render(request, "meetings/meeting_agenda.html", context)


def _following(
    request: HttpRequest,
    community: Community,
    filters: MeetingFilters,
    zone: str,
    start: datetime,
) -> Line | None:
    """Where these weeks are empty: the first one after them."""
    rows = filters.apply(visible_meetings(request.user, community))
    rows = rows.filter(starts_at__gte=start - timedelta(days=2)).order_by("starts_at", "pk")
    return next(iter(LineMaker(community, zone).lines(rows[:1])), None)


def _asked_day(request: HttpRequest) -> date | None:
    try:
        asked = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return None
    return asked if asked.year in YEARS[1:-1] else None


def _week_of(day: date) -> date:
    """The first day of its week, as weeks begin for this reader."""
    first_weekday = (formats.get_format("FIRST_DAY_OF_WEEK") - 1) % 7
    return day - timedelta(days=(day.weekday() - first_weekday) % 7)


def _weeks(first: date, lines: list[Line], today: date) -> list[dict[str, Any]]:
    """Each week with its days; a week without a meeting says so, a day without one is left out."""
    by_day = {day: list(found) for day, found in groupby(lines, key=lambda line: line.day)}
    weeks = []
    for number in range(WEEKS):
        start = first + timedelta(weeks=number)
        days = [start + timedelta(days=one) for one in range(7)]
        filled = [(day, by_day[day], day == today) for day in days if day in by_day]
        weeks.append(
            {"first": start, "last": days[-1], "days": filled, "is_now": start <= today <= days[-1]}
        )
    return weeks
