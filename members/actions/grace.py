"""Membership rests on an eligible organization: grace when that ends, back when it returns (A4).

Everything here may run twice, late, or at any hour: the dates in the rows decide, not the hour of
the run. Members of a community by criteria only; allies and invited people rest on nothing.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from cop.core import audit
from members.actions.memberships import end_membership
from members.emails.memberships import queue_membership_email
from members.models import Affiliation, Community, Membership, User
from members.queries import (
    AFFILIATION_GRACE,
    EVIDENCE_GRACE,
    last_eligible_day,
    qualifying_affiliations,
)

State = Membership.State
Ground = Membership.Ground
# Renewals arrive late in spring: most never need to hear of it (E3).
TELL_BEFORE = timedelta(days=14)


def keep_grace(*, now: datetime) -> None:
    for community in Community.objects.public().order_by("pk"):
        review_standing(community, now=now)


def review_person(person: User, *, now: datetime) -> None:
    """At once, for one person whose ties have just changed. In the caller's transaction."""
    communities = Community.objects.filter(memberships__person=person).distinct()
    for community in communities.order_by("pk"):
        review_standing(community, now=now, person=person)


def review_standing(community: Community, *, now: datetime, person: User | None = None) -> None:
    """Move every membership to where its date says it is."""
    today = now.astimezone(ZoneInfo(community.timezone)).date()
    rows = community.memberships.filter(category=Membership.Category.MEMBER)
    if person is not None:
        rows = rows.filter(person=person)
    if community.admission_policy == Community.Admission.CRITERIA:
        resting = qualifying_affiliations(community, today).values("person")
        on_evidence = rows.exclude(basis=Membership.Basis.INVITATION)
        for row in _rows(on_evidence.filter(state=State.GRACE, person__in=resting)):
            _restore(row)
        for row in _rows(on_evidence.filter(state=State.ACTIVE).exclude(person__in=resting)):
            _to_grace(row, today, now=now)
    in_grace = rows.filter(state=State.GRACE, grace_until__isnull=False)
    for row in _rows(in_grace.filter(grace_until__lte=today)):
        _lapse(row, now=now)
    soon = in_grace.filter(grace_until__lte=today + TELL_BEFORE, grace_ground=Ground.EVIDENCE)
    for row in _rows(soon):
        queue_membership_email("grace", row)


def _rows(rows: QuerySet[Membership]) -> list[Membership]:
    return list(rows.select_related("person", "community").order_by("pk"))


@transaction.atomic
def _to_grace(row: Membership, today: date, *, now: datetime) -> None:
    ground, until = _grace_of(row, today)
    if until is None:
        return
    changed = Membership.objects.filter(pk=row.pk, state=State.ACTIVE).update(
        state=State.GRACE, grace_until=until, grace_ground=ground
    )
    if not changed:
        return
    row.refresh_from_db(fields=["state", "grace_until", "grace_ground"])
    _record("membership_grace", row, old=State.ACTIVE, new=State.GRACE, reason=ground)
    if ground == Ground.AFFILIATION:
        queue_membership_email("moved", row)


def _grace_of(row: Membership, today: date) -> tuple[str, date | None]:
    """Why, and the day on which it is over; no day where nothing has ever been there to end."""
    ties = list(row.person.affiliations.select_related("organization").order_by("-ended_on", "pk"))
    days = [
        last_eligible_day(tie.organization, row.community, today)
        for tie in ties
        if tie.state == Affiliation.State.CONFIRMED
    ]
    ended = [day for day in days if day is not None]
    if ended:
        return Ground.EVIDENCE, max(ended) + EVIDENCE_GRACE
    if days:
        return Ground.EVIDENCE, None
    gone = [tie.ended_on for tie in ties if tie.state == Affiliation.State.ENDED and tie.ended_on]
    return Ground.AFFILIATION, max(gone) + AFFILIATION_GRACE if gone else None


@transaction.atomic
def _restore(row: Membership) -> None:
    changed = Membership.objects.filter(pk=row.pk, state=State.GRACE).update(
        state=State.ACTIVE, grace_until=None, grace_ground=""
    )
    if changed:
        _record("membership_restored", row, old=State.GRACE, new=State.ACTIVE)


@transaction.atomic
def _lapse(row: Membership, *, now: datetime) -> None:
    reason = "evidence ended" if row.grace_ground == Ground.EVIDENCE else "no affiliation"
    if end_membership(
        membership=row, state=State.LAPSED, reason=reason, by=None, now=now, only_from=[State.GRACE]
    ):
        queue_membership_email("lapsed", row)


def _record(action: str, row: Membership, *, old: str, new: str, reason: str = "") -> None:
    scope = row.community.public_id
    audit.record(action, row, by=None, scope=scope, old=old, new=new, reason=reason)
