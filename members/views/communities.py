from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.access import (
    Visitor,
    has_role,
    may_see_audience,
    membership_of,
    with_community,
)
from members.models import Community, Membership, MembershipApplication, Partner, Stream
from members.queries.features import features_of


@require_safe
@with_community
def community_detail(request: HttpRequest, community: Community) -> HttpResponse:
    return community_page(request, community)


def community_page(request: HttpRequest, community: Community) -> HttpResponse:
    """The public page; for those who belong, their home at the same address."""
    person = request.user
    membership = membership_of(person, community)
    partners = community.partners.select_related("organization").order_by("pk")
    context = {
        "membership": membership,
        "streams": _in_order(community.streams.order_by("pk"), "kind", Stream.Kind),
        "partners": _in_order(partners, "role", Partner.Role),
        "apply_url": reverse("members:community_join", args=[community.slug]),
    }
    if membership or has_role(person, community):
        context["greeting"] = greeting(person, timezone.now())
        context["features"] = _features(community, membership, person)
        return render(request, "members/community_home.html", context)
    context["application"] = open_application_of(person, community)
    return render(request, "members/community_detail.html", context)


def _features(
    community: Community, membership: Membership | None, person: Visitor
) -> dict[str, bool]:
    """The links beside: only parts that are in use, and that open to this person."""
    features = features_of(community)
    # Nobody behind the wall is a member (P4), so this asks the database nothing more.
    is_member = membership is not None and membership.category == Membership.Category.MEMBER
    inside = is_member or may_see_audience(person, community, "members")
    return {
        "directory": inside and Stream.Feature.DIRECTORY in features,
        "mentorship": inside and is_member and Stream.Feature.MENTORSHIP in features,
    }


def _in_order(rows: QuerySet[Any], field: str, choices: type[TextChoices]) -> list[Any]:
    """As the choices stand in the model: the host first, learning first."""
    order = list(choices.values)
    return sorted(rows, key=lambda row: order.index(getattr(row, field)))


def open_application_of(person: Visitor, community: Community) -> MembershipApplication | None:
    if not person.is_authenticated:
        return None
    mine = community.applications.filter(person=person)
    return mine.filter(state__in=MembershipApplication.OPEN_STATES).first()


def greeting(person: Visitor, now: datetime) -> str:
    """Good morning, Dani: by the person's own clock."""
    hour = now.astimezone(ZoneInfo(person.timezone)).hour
    name = person.get_short_name()
    if not name:
        return _("Welcome back")
    if hour < 12:
        return _("Good morning, %(name)s") % {"name": name}
    if hour < 18:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}
