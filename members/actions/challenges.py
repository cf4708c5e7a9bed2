"""When something speaks against a paper that counts: people decide, never a report alone (E8)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import may_review
from members.actions.grace import review_standing
from members.actions.memberships import local_day
from members.actions.tasks import open_review_task
from members.calendar import add_business_days
from members.models import Evidence, ReviewTask, Site, User
from members.queries import is_affiliated

State = Evidence.State
LOOK_AGAIN_DAYS = 20


@transaction.atomic
def challenge_evidence(*, evidence: Evidence, by: User, note: str, now: datetime) -> None:
    """Put a question mark on it. It still counts, until somebody has looked (E1, E8)."""
    _check_may(evidence, by)
    if not note.strip():
        raise ActionError(_("Write what was heard, and where it can be checked."))
    _challenge(evidence, by=by, note=note, kind=ReviewTask.Kind.EVIDENCE_REPORT, now=now)


@transaction.atomic
def challenge_evidence_of_site(*, site: Site, by: User, now: datetime) -> int:
    """The house moved or changed hands: what is tied to operator, address and class (E4)."""
    tied = site.organization.evidence.filter(
        criterion__is_tied_to_address=True, state__in=[State.VERIFIED, State.EXPIRING]
    )
    here = tied.filter(Q(site=site) | Q(site__isnull=True))
    rows = list(here.select_related("criterion__community", "organization").order_by("pk"))
    for row in rows:
        _challenge(row, by=by, note="", kind=ReviewTask.Kind.ADDRESS_CHANGED, now=now)
    return len(rows)


@transaction.atomic
def settle_challenge(
    *, evidence: Evidence, by: User, holds: bool, note: str, now: datetime
) -> None:
    """The question is answered: it holds, or it is revoked and what rests on it goes to grace."""
    _check_may(evidence, by)
    if not note.strip():
        raise ActionError(_("Write how you checked it: the next reviewer reads it."))
    if not holds:
        revoke_evidence(evidence=evidence, by=by, note=note, now=now)
        return
    _move(evidence, [State.UNDER_CHALLENGE], State.VERIFIED, by=by, note=note, now=now)
    _close_tasks(evidence, by, now)


@transaction.atomic
def revoke_evidence(*, evidence: Evidence, by: User, note: str, now: datetime) -> None:
    """It does not hold any more. Today is the first day without it."""
    _check_may(evidence, by)
    if not note.strip():
        raise ActionError(_("Write why: the next reviewer reads it."))
    community = evidence.criterion.community
    yesterday = local_day(community, now) - timedelta(days=1)
    last = min(evidence.valid_to or yesterday, yesterday)
    first = min(evidence.valid_from, last) if evidence.valid_from else None
    _move(
        evidence,
        Evidence.COUNTING_STATES,
        State.REVOKED,
        by=by,
        note=note,
        now=now,
        valid_to=last,
        valid_from=first,
    )
    _close_tasks(evidence, by, now)
    review_standing(community, now=now)


def _challenge(evidence: Evidence, *, by: User, note: str, kind: str, now: datetime) -> None:
    _move(
        evidence,
        [State.VERIFIED, State.EXPIRING],
        State.UNDER_CHALLENGE,
        by=by,
        note=note or evidence.note,
        now=now,
    )
    community = evidence.criterion.community
    open_review_task(
        community=community,
        kind=kind,
        now=now,
        due_on=add_business_days(local_day(community, now), LOOK_AGAIN_DAYS),
        evidence=evidence,
        organization=evidence.organization,
        note=note,
    )


def _move(
    evidence: Evidence,
    only_from: Sequence[str],
    state: str,
    *,
    by: User,
    note: str,
    now: datetime,
    **dates: date | None,
) -> None:
    old = evidence.state
    changed = Evidence.objects.filter(pk=evidence.pk, state__in=only_from).update(
        state=state, note=note, checked_by=by, checked_at=now, **dates
    )
    if not changed:
        raise ActionError(_("Somebody changed this in the meantime. Look at it again."))
    evidence.refresh_from_db()
    scope = evidence.criterion.community.public_id
    audit.record(f"evidence_{state}", evidence, by=by, scope=scope, old=old, new=state)


def _close_tasks(evidence: Evidence, by: User, now: datetime) -> None:
    evidence.review_tasks.filter(done_at=None).update(done_at=now, done_by=by)


def _check_may(evidence: Evidence, by: User) -> None:
    if not may_review(by, evidence.criterion.community):
        raise ActionError(_("Only reviewers and coordinators decide about evidence."))
    if is_affiliated(by, evidence.organization):
        raise ActionError(
            _("You belong to %(organization)s yourself. Somebody else decides about it.")
            % {"organization": evidence.organization}
        )
