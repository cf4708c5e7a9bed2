"""Organizations that may be named to everybody: the latest word of those who speak for them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, Min, OuterRef, QuerySet, Subquery

from members.models import Affiliation, Community, Membership, Organization, PersonalConsent

Purpose = PersonalConsent.Purpose


def latest_word(community: Community) -> QuerySet[PersonalConsent]:
    """To be used inside of a query over organizations."""
    rows = PersonalConsent.objects.filter(
        community=community, purpose=Purpose.ORGANIZATION_NAME, host=OuterRef("pk")
    )
    return rows.order_by("-at", "-pk")


def may_be_named(community: Community) -> QuerySet[Organization]:
    """Whose latest word is yes. Silence is no."""
    rows = Organization.objects.filter(status=Organization.Status.ACTIVE)
    said = Subquery(latest_word(community).values("given")[:1])
    return rows.annotate(may_be_named=said).filter(may_be_named=True)


def joined_since(community: Community, since: datetime) -> QuerySet[Organization]:
    """Those that may be named and whose first person came in on that day or later (wall day of the
    community)."""
    day = since.astimezone(ZoneInfo(community.timezone)).date()
    came = (
        Membership.objects.filter(
            community=community,
            category=Membership.Category.MEMBER,
            person__affiliations__organization=OuterRef("pk"),
            person__affiliations__state=Affiliation.State.CONFIRMED,
        )
        .order_by()
        .values("community")
        .annotate(first=Min("joined_on"))
    )
    rows = may_be_named(community).annotate(came_on=Subquery(came.values("first")))
    return rows.filter(came_on__gte=day)


def communities_of(organization: Organization) -> QuerySet[Community]:
    """Where people of it belong today: there it can be named."""
    belongs = Membership.objects.filter(
        community=OuterRef("pk"),
        state__in=Membership.CURRENT_STATES,
        person__affiliations__organization=organization,
        person__affiliations__state=Affiliation.State.CONFIRMED,
    )
    return Community.objects.public().filter(Exists(belongs)).order_by("name", "pk")


def naming_of(organization: Organization) -> list[tuple[Community, bool]]:
    """Each community of it, and whether the newsletter there may name it today."""
    rows = PersonalConsent.objects.filter(
        purpose=Purpose.ORGANIZATION_NAME, host=organization
    ).order_by("community", "-at", "-pk")
    said = dict(rows.distinct("community").values_list("community", "given"))
    return [(one, said.get(one.pk, False)) for one in communities_of(organization)]
