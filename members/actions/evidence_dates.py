"""The days of the evidence: ends soon, has ended, and who is told when (E3)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from cop.core import audit
from members.actions.memberships import local_day
from members.emails.evidence import queue_evidence_notice
from members.models import Community, Evidence

State = Evidence.State
# Days before the last day on which the contacts hear of it; 0: it has ended.
STEPS = (60, 30, 7)
FIRST = timedelta(days=60)


def keep_evidence(*, now: datetime) -> None:
    for community in Community.objects.public().order_by("pk"):
        keep_evidence_of(community, now=now)


def keep_evidence_of(community: Community, *, now: datetime) -> None:
    """Move each piece to the state its days say, and tell the contacts of the step it is at."""
    today = local_day(community, now)
    rows = Evidence.objects.filter(criterion__community=community, valid_to__isnull=False)
    soon = rows.filter(state=State.VERIFIED, valid_to__lte=today + FIRST, valid_to__gte=today)
    for row in _with(soon):
        _move(row, State.EXPIRING)
    over = rows.filter(state__in=Evidence.COUNTING_STATES, valid_to__lt=today)
    for row in _with(over):
        _move(row, State.EXPIRED)
    for row in _with(rows.filter(state=State.EXPIRING)):
        if not _has_heir(row):
            queue_evidence_notice(row, step_of(row.valid_to, today), now=now)
    # Only what has just ended: nobody is told of what ended long before.
    ended = rows.filter(state=State.EXPIRED, valid_to__gte=today - timedelta(days=14))
    for row in _with(ended):
        if not _has_heir(row):
            queue_evidence_notice(row, 0, now=now)


def step_of(valid_to: date, today: date) -> int:
    """Which of the steps a day is at: after a week of standstill nobody gets all of them."""
    left = (valid_to - today).days
    return min(step for step in STEPS if left <= step)


def _with(rows: QuerySet[Evidence]) -> list[Evidence]:
    return list(rows.select_related("organization", "criterion__community", "site").order_by("pk"))


def _has_heir(row: Evidence) -> bool:
    """Is there another that holds for longer, for the same criterion and house?"""
    same = Evidence.objects.filter(
        organization=row.organization_id,
        criterion=row.criterion_id,
        site=row.site_id,
        state__in=Evidence.COUNTING_STATES,
    )
    return same.exclude(pk=row.pk).filter(valid_to__gt=row.valid_to).exists()


@transaction.atomic
def _move(row: Evidence, state: str) -> None:
    old = row.state
    if Evidence.objects.filter(pk=row.pk, state=old).update(state=state):
        scope = row.criterion.community.public_id
        audit.record(f"evidence_{state}", row, by=None, scope=scope, old=old, new=state)
        row.state = state
