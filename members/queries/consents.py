"""Consents that named another host than today's: they are asked again (PA1)."""

from collections.abc import Iterable

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from members.models import Community, Membership, Partner, PersonalConsent, User


def consents_to_renew(person: User) -> list[PersonalConsent]:
    """What this person once agreed to with a host who is it no more, and has not answered since."""
    return [row for row in _with_host(person.consents.all()) if _is_old(row)]


def people_to_ask(community: Community) -> frozenset[int]:
    rows = _with_host(PersonalConsent.objects.filter(community=community))
    return frozenset(row.person_id for row in rows if _is_old(row))


def _with_host(rows: QuerySet[PersonalConsent]) -> Iterable[PersonalConsent]:
    """The latest word for each use, of those who still belong, with today's host beside it."""
    belongs = Q(
        community__memberships__person=F("person"),
        community__memberships__state__in=Membership.CURRENT_STATES,
    )
    today = Partner.objects.filter(
        community=OuterRef("community"), role=Partner.Role.HOST, ends_on=None
    )
    rows = rows.filter(belongs).annotate(host_today=Subquery(today.values("organization")[:1]))
    # There the organization that is named is the host of nothing.
    rows = rows.exclude(purpose=PersonalConsent.Purpose.ORGANIZATION_NAME)
    rows = rows.select_related("community", "host")
    keys = ("person", "community", "purpose")
    return rows.order_by(*keys, "-at", "-pk").distinct(*keys)


def _is_old(row: PersonalConsent) -> bool:
    return row.given and row.host_id is not None and row.host_id != row.host_today
