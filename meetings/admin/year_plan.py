"""The year plan of a community, for those who plan its meetings."""

from datetime import date
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.admin.base import desk_page
from meetings.models import Meeting
from meetings.queries.year_plan import year_plan
from members.desk import CommunityAdmin

KINDS = dict(Meeting.Kind.choices)


def year_plan_view(admin: CommunityAdmin, request: HttpRequest, slug: str = "") -> HttpResponse:
    """`?year=2026-04-01`: any day of the programme year. Without a community: the first one."""
    mine = list(admin.communities(request, *admin.edit_roles).order_by("short_name", "pk"))
    if not mine:
        raise Http404
    community = next((one for one in mine if one.slug == slug or not slug), None)
    if community is None:
        raise Http404
    now = timezone.now()
    today = now.astimezone(ZoneInfo(community.timezone)).date()
    plan = year_plan(community, _day(request.GET.get("year", ""), today), now)
    context = {
        "title": _("Year plan"),
        "plan": plan,
        "mix": [(KINDS[kind], count) for kind, count in plan.mix.most_common()],
        "communities": mine if len(mine) > 1 else [],
        "is_this_year": plan.first <= today <= plan.last,
        "series_url": reverse("admin:meetings_meetingseries_changelist"),
        "add_url": reverse("admin:meetings_meeting_add"),
    }
    return desk_page(admin, request, "year_plan.html", context)


def _day(typed: str, today: date) -> date:
    """Anything else than a day of our times means today."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return today
    return day if 2000 <= day.year <= 2100 else today
