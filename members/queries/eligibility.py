"""Who is eligible on which day (E1). Computed from the evidence each time, never stored."""

from datetime import date, timedelta

from django.db.models import Max, Q, QuerySet

from members.models import Affiliation, Community, Evidence, Organization, User

# After the last day of the evidence; registry renewals arrive late in spring (E3).
EVIDENCE_GRACE = timedelta(days=60)
# After the last day at an eligible organization (A4).
AFFILIATION_GRACE = timedelta(days=90)


def counting_evidence(community: Community, on: date) -> QuerySet[Evidence]:
    """The evidence that makes its organization eligible on this day, whatever the clock has done.

    `on`: the date in the community's zone. A state that the nightly look has not reached yet
    changes nothing: the days count.
    """
    rows = Evidence.objects.filter(
        criterion__community=community,
        criterion__is_active=True,
        state__in=Evidence.COUNTING_STATES,
    )
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=on)
    return rows.filter(begun & (Q(valid_to__isnull=True) | Q(valid_to__gte=on)))


def eligible_organizations(community: Community, on: date) -> QuerySet[Organization]:
    """All of them; one piece of evidence for one active criterion is enough (E1, E2)."""
    shown = counting_evidence(community, on).values("organization")
    return Organization.objects.filter(pk__in=shown, status=Organization.Status.ACTIVE)


def organization_is_eligible(organization: Organization, community: Community, on: date) -> bool:
    """The same for one, proposed ones included: they become active by the decision itself."""
    return counting_evidence(community, on).filter(organization=organization).exists()


def last_eligible_day(organization: Organization, community: Community, on: date) -> date | None:
    """The last day before `on` on which its evidence counted; None if it never did."""
    past = Evidence.objects.filter(
        organization=organization,
        criterion__community=community,
        state__in=[*Evidence.COUNTING_STATES, Evidence.State.EXPIRED, Evidence.State.REVOKED],
        checked_at__isnull=False,
        valid_to__lt=on,
    )
    return past.aggregate(day=Max("valid_to"))["day"]


def qualifying_affiliations(community: Community, on: date) -> QuerySet[Affiliation]:
    """Confirmed ties to an organization that is eligible on this day: what membership rests on.

    An evidence of one house counts for the whole organization (E2).
    """
    ties = Affiliation.objects.filter(state=Affiliation.State.CONFIRMED)
    current = Q(ended_on__isnull=True) | Q(ended_on__gte=on)
    return ties.filter(current, organization__in=eligible_organizations(community, on))


def contacts_of(organization: Organization) -> QuerySet[User]:
    """The people who speak for an organization, with an account that works."""
    return User.objects.filter(
        is_active=True,
        affiliations__organization=organization,
        affiliations__is_contact=True,
        affiliations__state=Affiliation.State.CONFIRMED,
    ).distinct()
