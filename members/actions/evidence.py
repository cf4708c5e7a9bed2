"""What a decision says about the evidence that came with an application."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.documents import purge_document
from members.actions.evidence_records import verify_evidence
from members.models import Evidence, MembershipApplication, User
from members.reasons import CONTAINS_CLIENT_INFO

UNCHECKED = (Evidence.State.SUBMITTED, Evidence.State.DOUBTFUL)
# These say nothing about the paper: it stays as it was.
NOT_ABOUT_PAPERS = frozenset(
    {"NEED_AFFILIATION", "NO_AFFILIATION", "DUPLICATE", "CONDUCT", "COHORT_FULL"}
)


def verify_open_evidence(
    application: MembershipApplication,
    *,
    by: User,
    now: datetime,
    only: Collection[int] = (),
    **check: Any,  # noqa: ANN401  what verify_evidence takes: check_method, valid_from, valid_to, …
) -> None:
    """The reviewer checked it, and says how. Where a register is, a paper is not enough (E6).

    `only`: the keys of those that hold, where several wait; the others stay open.
    """
    rows = application.evidence.filter(state__in=UNCHECKED).order_by("pk")
    if only:
        rows = rows.filter(pk__in=only)
    found = list(rows)
    if not found:
        raise ActionError(_("There is no open evidence to verify here."))
    for row in found:
        verify_evidence(evidence=row, by=by, now=now, **check)


def mark_open_evidence(
    application: MembershipApplication,
    state: str,
    reason_codes: Sequence[str],
    *,
    by: User,
    now: datetime,
) -> None:
    """Doubtful or rejected, with its code. A file that shows clients goes at once (E9)."""
    shows_clients = CONTAINS_CLIENT_INFO in reason_codes
    state = Evidence.State.REJECTED if shows_clients else state
    about = [code for code in reason_codes if code not in NOT_ABOUT_PAPERS]
    if reason_codes and not about:
        return
    code = CONTAINS_CLIENT_INFO if shows_clients else next(iter(about), "")
    rows = application.evidence.filter(state__in=UNCHECKED)
    for row in rows.select_related("criterion__community"):
        Evidence.objects.filter(pk=row.pk).update(
            state=state, reason_code=code, checked_by=by, checked_at=now
        )
        scope = application.community.public_id
        audit.record(
            f"evidence_{state}", row, by=by, scope=scope, old=row.state, new=state, reason=code
        )
        if shows_clients and row.document:
            purge_document(evidence=row, by=by, reason=CONTAINS_CLIENT_INFO, now=now)
