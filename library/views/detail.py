"""The page of one resource: what it is, what it says, and what readers made of it."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cop.core.scan import may_serve
from library.access import may_edit_own, may_keep_library, may_send_resource
from library.actions.weeks import count_opened
from library.models import Resource
from library.queries.citations import DEEDS, citation_of
from library.queries.credits import with_named_credits
from library.queries.using import Using, using_of, weeks_of, with_kept
from library.views.readers import is_counted
from meetings.models import Meeting
from members.access import Visitor, with_community
from members.models import Community
from members.queries.communities import audiences_here, holds_here, is_walled_here


@require_safe
@with_community
def resource_detail(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    person = request.user
    resource = get_object_or_404(_rows(person, community), public_id=public_id)
    resource.community = community
    context = {
        "resource": resource,
        "zone": person.timezone if person.is_authenticated else community.timezone,
        "file_waits": bool(resource.file) and not may_serve(resource.scan_state),
        "may_edit": may_edit_own(person, resource),
        "is_keeper": _keeps(person, community),
        "parents": [
            {"label": _("Library"), "url": reverse("library:resource_list", args=[community.slug])}
        ],
    }
    if resource.state == Resource.State.WITHDRAWN:
        return render(request, "library/resource_withdrawn.html", context, status=410)
    now = timezone.now()
    context |= _readers(request, resource, now=now, is_keeper=context["is_keeper"])
    context |= _around(person, resource)
    if is_counted(request, resource, is_keeper=context["is_keeper"]):
        count_opened(resource=resource, now=now)
    return render(request, "library/resource_detail.html", context)


def _rows(person: Visitor, community: Community) -> QuerySet[Resource]:
    """All that the page needs of the row, in one question."""
    rows = Resource.objects.readable_by(person).filter(community=community)
    # The text of its file as well: the page shows it.
    rows = rows.defer(None).defer("head", "search")
    rows = rows.select_related("stream", "organization", "meeting").annotate(
        meeting_is_open=Exists(Meeting.objects.visible_to(person).filter(pk=OuterRef("meeting")))
    )
    rows = with_named_credits(rows)
    return with_kept(rows, person) if person.is_authenticated else rows


def _readers(
    request: HttpRequest, resource: Resource, *, now: datetime, is_keeper: bool
) -> dict[str, Any]:
    """What this reader said, keeps and may say; the lines of others; the weeks for its sender."""
    person = request.user
    if not person.is_authenticated:
        return {}
    is_own = resource.submitted_by_id == person.pk
    inside = _is_inside(person, resource.community)
    return {
        "is_own": is_own,
        "is_inside": inside,
        "using": using_of(resource, person, is_keeper=is_keeper) if inside else Using(),
        "may_say": inside and not is_own and resource.is_shown,
        "weeks": weeks_of(resource, now) if (is_own or is_keeper) and resource.is_shown else None,
    }


def _keeps(person: Visitor, community: Community) -> bool:
    """may_keep_library, from what was read in the same question as the community."""
    if not person.is_authenticated or person.sees_as_member_of is not None:
        return False
    if person.is_superuser or not hasattr(community, "i_am"):
        return may_keep_library(person, community)
    # A role does not hold behind the wall (P4).
    walled = is_walled_here(community, person)
    return not walled and holds_here(community, *Resource.KEEPER_ROLES)


def _is_inside(person: Visitor, community: Community) -> bool:
    known = audiences_here(community, person)
    if known is None:
        return may_send_resource(person, community)
    return "members_and_allies" in known


def _around(person: Visitor, resource: Resource) -> dict[str, Any]:
    """Its citation, the meeting it came out of and what took its place, where one may see them."""
    meeting = replacement = None
    if resource.meeting and resource.meeting_is_open:
        meeting = resource.meeting
        if meeting.community_id == resource.community_id:
            meeting.community = resource.community
    if resource.superseded_by_id:
        rows = Resource.objects.visible_to(person).published().select_related("community")
        replacement = rows.filter(pk=resource.superseded_by_id).first()
    return {
        "meeting": meeting,
        "replacement": replacement,
        "deed": DEEDS.get(resource.rights),
        "citation": citation_of(resource) if resource.is_shown else None,
    }
