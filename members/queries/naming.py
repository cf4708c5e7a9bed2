"""Which organizations may be named in public, such as in the newsletter. By their word alone (CO1).

The latest word for an organization in a community counts, whoever of its people gave it.
"""

from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from members.models import (
    Affiliation,
    Community,
    Criterion,
    Membership,
    Organization,
    PersonalConsent,
    User,
)

PURPOSE = PersonalConsent.Purpose.ORGANIZATION_NAME


def words_for(community: Community | OuterRef, organization: object) -> QuerySet[PersonalConsent]:
    """The latest first. Both may be an OuterRef."""
    rows = PersonalConsent.objects.filter(community=community, host=organization, purpose=PURPOSE)
    return rows.order_by("-at", "-pk")


def latest_word(organization: Organization, community: Community) -> PersonalConsent | None:
    return words_for(community, organization).first()


def nameable_organizations(community: Community) -> QuerySet[Organization]:
    """Active ones that said yes, and not no since. `said_at`: when. Funders never (P4)."""
    word = words_for(community, OuterRef("pk"))
    spoken = PersonalConsent.objects.filter(community=community, purpose=PURPOSE, given=True)
    rows = Organization.objects.filter(
        status=Organization.Status.ACTIVE,
        is_regulator_or_funder=False,
        pk__in=spoken.values("host"),
    )
    rows = rows.annotate(
        may_be_named=Subquery(word.values("given")[:1]), said_at=Subquery(word.values("at")[:1])
    )
    return rows.filter(may_be_named=True)


def welcome_communities(organization: Organization) -> QuerySet[Community]:
    """Where people of this organization belong today: there a newsletter may welcome it."""
    ties = Affiliation.objects.filter(
        organization=organization,
        state=Affiliation.State.CONFIRMED,
        person__memberships__community=OuterRef("pk"),
        person__memberships__state__in=Membership.CURRENT_STATES,
    )
    return Community.objects.public().filter(Exists(ties)).order_by("name", "pk")


def nameable_pairs(pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(community, organization), both as public ids -> the name of today, of those that may be
    named there. One that was merged goes by the other's name. One query."""
    communities = {one for one, _other in pairs}
    organizations = {other for _one, other in pairs}
    last = PersonalConsent.objects.filter(purpose=PURPOSE, community__public_id__in=communities)
    asked = Q(host__public_id__in=organizations) | Q(host__merged_from__public_id__in=organizations)
    keys = ("community", "host", "former")
    rows = last.filter(asked).annotate(former=F("host__merged_from__public_id"))
    fields = ("community__public_id", "host__public_id", "former", "host__name", "given",
              "host__status", "host__is_regulator_or_funder")  # fmt: skip
    latest = rows.order_by(*keys, "-at", "-pk").distinct(*keys).values_list(*fields)
    found = {}
    for community, public_id, former, name, given, status, is_walled in latest:
        if given and not is_walled and status == Organization.Status.ACTIVE:
            found |= {(community, one): name for one in (public_id, former) if one}
    return {pair: found[pair] for pair in pairs if pair in found}


def with_word(communities: QuerySet[Community], organization: Organization) -> QuerySet[Community]:
    """Adds `may_be_named`: the latest word there, None if nobody said anything, and `said_at`."""
    word = words_for(OuterRef("pk"), organization)
    return communities.annotate(
        may_be_named=Subquery(word.values("given")[:1]), said_at=Subquery(word.values("at")[:1])
    )


def own_welcomes(person: User, organization: Organization) -> QuerySet[Community]:
    """For a contact's own page: where they belong or the organization has papers. Where else its
    people are is nobody's business there."""
    mine = Membership.objects.filter(
        community=OuterRef("pk"), person=person, state__in=Membership.CURRENT_STATES
    )
    papers = Criterion.objects.filter(community=OuterRef("pk"), evidence__organization=organization)
    rows = welcome_communities(organization).filter(Exists(mine) | Exists(papers))
    return with_word(rows, organization)
