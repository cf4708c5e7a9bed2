from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import Community, Stream
from members.queries.communities import features_of, finds_members, holds_here

Feature = Stream.Feature


def _entry(request: HttpRequest, label: str, icon: str, name: str, *args: str) -> dict[str, Any]:
    url = reverse(name, args=args)
    exact = name.endswith(("community_detail", "home"))
    current = request.path == url if exact else request.path.startswith(url)
    return {"label": label, "icon": icon, "url": url, "current": current}


def nav_items(request: HttpRequest, community: Community) -> list[dict[str, Any]]:
    """The places of a community, for the bar on top and the bar at the bottom of a phone."""
    slug = community.slug
    features = features_of(community)
    among_members = Feature.DIRECTORY in features and finds_members(community, request.user)
    places = [
        (True, _("Home"), "house", "members:community_detail"),
        (Feature.MEETINGS in features, _("Meetings"), "calendar3", "meetings:meeting_list"),
        (Feature.LIBRARY in features, _("Library"), "book", "library:resource_list"),
        (True, _("Newsletter"), "envelope", "newsletter:issue_list"),
        (among_members, _("Directory"), "people", "members:directory_list"),
    ]
    return [
        _entry(request, label, sign, name, slug) for there, label, sign, name in places if there
    ]


def _view_as_member_url(request: HttpRequest, community: Community | None) -> str:
    """For the coordinators of this community; the page asks again."""
    if community is None or getattr(request, "member_view", None):
        return ""
    if not holds_here(community, "coordinator"):
        return ""
    return reverse("members:member_view", args=[community.slug])


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page needs. `request.community` is set by the page that knows it."""
    community = getattr(request, "community", None)
    user = getattr(request, "user", None)
    staff = bool(user and user.is_authenticated and user.is_staff)
    return {
        "SITE_NAME": settings.SITE_NAME,
        "POSTAL_ADDRESS": settings.POSTAL_ADDRESS,
        "LOCAL_MODE": settings.LOCAL_MODE,
        "community": community,
        "nav_items": nav_items(request, community) if community else [],
        "is_staff_here": staff,
        "member_view": getattr(request, "member_view", None),
        "view_as_member_url": _view_as_member_url(request, community),
        # The zone in which this page says its times, unless a meeting says otherwise.
        "page_zone": getattr(request, "zone", None) or (community.timezone if community else ""),
    }
