from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from members.models import Community, Membership, User
from members.models.communities import current_grant, role_holds
from members.queries.communities import with_features, with_standing

Visitor = User | AnonymousUser
View = Callable[..., HttpResponse]


def with_community(view: View) -> View:
    """Turn the slug of the address into the community, and hang it on the request for the frame.

    An archived community is 404 for everybody. What inside it may be seen is asked of each thing.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        rows = with_standing(with_features(Community.objects.public()), request.user)
        community = get_object_or_404(rows, slug=slug)
        request.community = community
        return view(request, community, *args, **kwargs)

    return wrapped


def membership_of(person: Visitor, community: Community) -> Membership | None:
    if not person.is_authenticated:
        return None
    if person.sees_as_member_of is not None:
        return _as_any_member(person, community)
    return community.memberships.filter(person=person, state__in=Membership.CURRENT_STATES).first()


def _as_any_member(person: User, community: Community) -> Membership | None:
    """While somebody of the team looks with a member's eyes: a membership that nobody has."""
    if person.sees_as_member_of != community:
        return None
    return Membership(community=community, person=person, joined_on=timezone.now().date())


def has_role(person: Visitor, community: Community, *roles: str) -> bool:
    """Does this person hold one of these roles here today? Administrators hold all."""
    if not person.is_authenticated:
        return False
    if person.sees_as_member_of is not None:
        return False
    if person.is_superuser:
        return True
    held = person.role_grants.filter(current_grant(), role_holds(person))
    grants = held.filter(community=community)
    return (grants.filter(role__in=roles) if roles else grants).exists()


def may_see_audience(person: Visitor, community: Community, audience: str) -> bool:
    """`audience`: public, members_and_allies or members; the rule of Community.opening."""
    return Community.objects.opening(person, audience).filter(pk=community.pk).exists()


def may_review(person: Visitor, community: Community) -> bool:
    return has_role(person, community, "reviewer", "coordinator")
