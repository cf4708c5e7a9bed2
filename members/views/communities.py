from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet, TextChoices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.access import (
    Visitor,
    has_role,
    may_see_audience,
    membership_of,
    with_community,
)
from members.actions.agreements import accept_new_agreement
from members.models import Community, Membership, MembershipApplication, Stream
from members.queries.communities import (
    agreement_to_accept,
    current_partners,
    features_of,
)
from members.queries.community_lists import community_rows, own_communities

MOST_IN_MENU = 12


@require_safe
@with_community
def community_detail(request: HttpRequest, community: Community) -> HttpResponse:
    return community_page(request, community)


def community_page(request: HttpRequest, community: Community) -> HttpResponse:
    """The public page; for those who belong, their home at the same address."""
    person = request.user
    membership = membership_of(person, community)
    streams = community.streams.filter(is_active=True).order_by("pk")
    context = {
        "membership": membership,
        "streams": _in_order(streams, "kind", Stream.Kind),
        "partners": current_partners(community, timezone.now().date()),
        "apply_url": reverse("members:community_join", args=[community.slug]),
    }
    if membership or has_role(person, community):
        context["greeting"] = greeting(person, timezone.now())
        context["features"] = _features(community, membership, person)
        if membership and membership.pk:
            context["new_rules"] = agreement_to_accept(person, community)
        return render(request, "members/community_home.html", context)
    context["application"] = open_application_of(person, community)
    context["rules"] = community.agreements.order_by("-version").first()
    return render(request, "members/community_detail.html", context)


@require_safe
def community_list(request: HttpRequest) -> HttpResponse:
    """All communities: one's own first, then the others by name, some at a time."""
    return community_list_page(request, "members/community_list.html")


def community_list_page(request: HttpRequest, template: str) -> HttpResponse:
    own, others, after = community_rows(request.user, request.GET.get("after", ""))
    context = {
        "own": own,
        "others": others,
        "next_url": f"?{urlencode({'after': after})}" if after else "",
        "is_first": "after" not in request.GET,
    }
    return render(request, template, context)


@require_safe
@login_required
def community_switch(request: HttpRequest) -> HttpResponse:
    """For the menu of a person: one's own communities, fetched when it is opened."""
    rows = own_communities(request.user)[:MOST_IN_MENU]
    return render(request, "members/_community_switch.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def agreement_accept(request: HttpRequest, community: Community) -> HttpResponse:
    """The changed ground rules, read and accepted by those who belong."""
    if membership_of(request.user, community) is None:
        raise Http404
    if request.method == "POST":
        accept_new_agreement(community=community, person=request.user, now=timezone.now())
        messages.success(request, _("Thank you. It is noted that you take part in this spirit."))
        return redirect(community)
    context = {
        "rules": community.agreements.order_by("-version").first(),
        "is_asked": agreement_to_accept(request.user, community) is not None,
    }
    return render(request, "members/agreement_accept.html", context)


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
