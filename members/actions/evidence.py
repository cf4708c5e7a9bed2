"""What a decision says about the evidence that came with an application."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.documents import purge_document
from members.models import Evidence, MembershipApplication, User
from members.reasons import CONTAINS_CLIENT_INFO

UNCHECKED = (Evidence.State.SUBMITTED, Evidence.State.DOUBTFUL)


def verify_open_evidence(
    application: MembershipApplication,
    *,
    by: User,
    check_method: str,
    valid_to: date | None,
    now: datetime,
) -> None:
    """The reviewer checked it, and says how. Where a register is, a paper is not enough (E6)."""
    rows = list(application.evidence.filter(state__in=UNCHECKED).select_related("criterion"))
    _check_the_check(rows, check_method, valid_to, now.date())
    for row in rows:
        row_changes = {
            "state": Evidence.State.VERIFIED,
            "checked_by": by,
            "checked_at": now,
            "check_method": check_method,
            "valid_to": valid_to,
            "reason_code": "",
        }
        Evidence.objects.filter(pk=row.pk).update(**row_changes)
        scope = application.community.public_id
        audit.record(
            "evidence_verified",
            row,
            by=by,
            scope=scope,
            old=row.state,
            new=Evidence.State.VERIFIED,
            reason=check_method,
        )


def _check_the_check(
    rows: list[Evidence], check_method: str, valid_to: date | None, today: date
) -> None:
    if not rows:
        raise ActionError(_("There is no open evidence to verify here."))
    if not check_method:
        raise ActionError(_("Say how you checked the evidence."))
    if valid_to is not None and valid_to < today:
        raise ActionError(_("The last day of the evidence lies in the past."))
    listed = any(row.criterion.check_url for row in rows)
    if listed and check_method == Evidence.Method.DOCUMENT_ONLY:
        raise ActionError(
            _(
                "There is a public register for this, so the document alone is not enough. "
                "Look it up there."
            )
        )


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
    code = CONTAINS_CLIENT_INFO if shows_clients else next(iter(reason_codes), "")
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
