"""The list of communities as one person reads it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from members.models import Community, Membership, MembershipApplication, RoleGrant, User
from members.models.communities import current_grant

if TYPE_CHECKING:
    Visitor = User | AnonymousUser

PAGE = 30


def own_communities(person: "Visitor") -> QuerySet[Community]:
    """Where one belongs or holds a role today, by name."""
    if not person.is_authenticated:
        return Community.objects.none()
    belongs = Membership.objects.filter(
        community=OuterRef("pk"), person=person, state__in=Membership.CURRENT_STATES
    )
    works = RoleGrant.objects.filter(current_grant(), community=OuterRef("pk"), person=person)
    rows = Community.objects.public().filter(Exists(belongs) | Exists(works))
    return rows.order_by("name", "pk")


@dataclass(frozen=True)
class CommunityRow:
    """One line of the list of communities, for one person."""

    community: Community
    membership: Membership | None = None
    application: MembershipApplication | None = None
    has_role: bool = False


def community_rows(
    person: "Visitor", after: str = ""
) -> tuple[list[CommunityRow], list[CommunityRow], str]:
    """One's own, a page of the others by name after the slug `after`, and the next slug."""
    own = [] if after else _own_rows(person)
    mine = own_communities(person).order_by().values("pk")
    rows = Community.objects.public().exclude(pk__in=mine).order_by("name", "pk")
    last = Community.objects.filter(slug=after[:60]).first() if after else None
    if last is not None:
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    found = list(rows[: PAGE + 1])
    waiting = _applications(person)
    others = [CommunityRow(one, application=waiting.get(one.pk)) for one in found[:PAGE]]
    return own, others, found[PAGE - 1].slug if len(found) > PAGE else ""


def _own_rows(person: "Visitor") -> list[CommunityRow]:
    rows = list(own_communities(person))
    if not rows:
        return []
    current = person.memberships.filter(state__in=Membership.CURRENT_STATES)
    belongs = {one.community_id: one for one in current}
    return [
        CommunityRow(row, membership=belongs.get(row.pk), has_role=row.pk not in belongs)
        for row in rows
    ]


def _applications(person: "Visitor") -> dict[int, MembershipApplication]:
    if not person.is_authenticated:
        return {}
    waiting = person.applications.filter(state__in=MembershipApplication.OPEN_STATES)
    return {one.community_id: one for one in waiting}
