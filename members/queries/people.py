from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import F, Q, QuerySet, Value

from cop.core.models import AuditEvent
from members.models import (
    Affiliation,
    Community,
    Membership,
    MembershipApplication,
    Organization,
    RoleGrant,
    User,
)
from members.models.communities import current_grant
from members.models.organizations import Fold
from members.queries.eligibility import organization_is_eligible


def category_after_approval(application: MembershipApplication, on: date) -> str:
    """What approving makes of the person: member or ally (P4, O7)."""
    person, community = application.person, application.community
    # Asked afresh: the person at hand may remember the answer of before the application.
    walled = User.objects.get(pk=person.pk).is_walled()
    organization = application.organization
    if walled or (organization is not None and organization.is_regulator_or_funder):
        return Membership.Category.ALLY
    if community.admission_policy == Community.Admission.OPEN:
        return Membership.Category.MEMBER
    provider = application.applying_as == MembershipApplication.ApplyingAs.PROVIDER
    if provider and organization and organization_is_eligible(organization, community, on):
        return Membership.Category.MEMBER
    return Membership.Category.ALLY


def is_affiliated(person: User, organization: Organization | None) -> bool:
    """Whoever belongs to an organization decides nothing about it (E5)."""
    links = person.affiliations.filter(organization=organization)
    return links.exclude(state=Affiliation.State.ENDED).exists()


def similar_organizations(organization: Organization) -> QuerySet[Organization]:
    """Others whose name is nearly the same, for the duplicate check (O4)."""
    others = Organization.objects.exclude(pk=organization.pk).exclude(status="merged")
    name = Fold(Value(organization.name))
    near = others.annotate(likeness=TrigramSimilarity(Fold(F("name")), name))
    return near.filter(likeness__gte=0.4).order_by("-likeness", "pk")[:5]


def history_of(
    objects: Iterable[tuple[str, str]], scopes: QuerySet[Any] | list[str]
) -> QuerySet[AuditEvent]:
    """What happened to these objects (type, public id) in these communities, newest first."""
    wanted = Q(pk__in=[])
    for kind, public_id in objects:
        wanted |= Q(object_type=kind, object_id=public_id)
    events = AuditEvent.objects.filter(wanted, scope__in=scopes).select_related("actor")
    return events.order_by("-at", "-pk")


def greeter_for(community: Community, person: User) -> User | None:
    """Who greets this new person by name: the greeters take turns, as chance wills."""
    if community.pk is None:
        return None
    grants = RoleGrant.objects.filter(
        current_grant(), community=community, role=RoleGrant.Role.GREETER, person__is_active=True
    ).exclude(person=person)
    rows = list(grants.select_related("person").order_by("pk"))
    return rows[(person.pk or 0) % len(rows)].person if rows else None
