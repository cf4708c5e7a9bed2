"""Evidence without an application: recorded by staff, or sent by a contact of the organization."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit, scan
from cop.core.errors import ActionError
from cop.core.uploads import CheckedUpload
from members.access import may_review
from members.actions.documents import purge_document
from members.actions.grace import review_standing
from members.actions.memberships import local_day
from members.actions.tasks import open_review_task
from members.calendar import add_business_days
from members.models import Criterion, Evidence, Organization, ReviewTask, Site, User
from members.queries import is_affiliated, spoken_for_by
from members.reasons import CONTAINS_CLIENT_INFO

State = Evidence.State
# As for an application: somebody looks within five business days.
LOOK_DAYS = 5
# What another one of the same kind takes the place of.
REPLACED = (State.VERIFIED, State.EXPIRING)


@transaction.atomic
def record_evidence(
    *,
    organization: Organization,
    criterion: Criterion,
    check_method: str,
    by: User,
    now: datetime,
    site: Site | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    **facts: str,  # kind, reference, issuer, holder_name, register_url, note
) -> Evidence:
    """A reviewer knows it and has checked it: it counts at once, in place of the one before."""
    row = Evidence(
        organization=organization,
        criterion=criterion,
        site=site,
        submitted_by=by,
        submitted_at=now,
        valid_from=valid_from,
        **facts,
    )
    _check_place(row)
    _check_check(row, check_method, by)
    row.valid_to = _last_day(row, valid_to, now)
    row.state, row.check_method = State.VERIFIED, check_method
    row.checked_by, row.checked_at = by, now
    row.save(force_insert=True)
    _record(row, "evidence_verified", by=by, new=State.VERIFIED, reason=check_method)
    settle_verified(row, by=by, now=now)
    return row


@transaction.atomic
def send_evidence(
    *,
    organization: Organization,
    criterion: Criterion,
    by: User,
    now: datetime,
    site: Site | None = None,
    reference: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    document: CheckedUpload | None = None,
) -> Evidence:
    """A contact sends a new paper. Nothing changes until a reviewer has looked."""
    if not spoken_for_by(by).filter(pk=organization.pk).exists():
        raise ActionError(_("Only people who speak for this organization send its papers."))
    if not reference.strip() and document is None:
        raise ActionError(_("Give the name or number, or a photo of the paper."))
    row = Evidence(
        organization=organization,
        criterion=criterion,
        site=site,
        kind=Evidence.Kind.CERTIFICATE if document else Evidence.Kind.REFERENCE,
        reference=reference.strip()[:160],
        valid_from=valid_from,
        valid_to=valid_to,
        submitted_by=by,
        submitted_at=now,
    )
    _check_place(row)
    if document is not None:
        row.document_name = document.name
        row.scan_state = scan.first_state()
        row.document.save(document.name, document.content_file, save=False)
    row.save(force_insert=True)
    _record(row, "evidence_submitted", by=by, new=row.state)
    _ask_reviewers(row, now)
    return row


@transaction.atomic
def verify_evidence(
    *,
    evidence: Evidence,
    check_method: str,
    by: User,
    now: datetime,
    valid_from: date | None = None,
    valid_to: date | None = None,
    kind: str = "",
    register_url: str = "",
    note: str = "",
) -> None:
    """A reviewer has checked what was sent. It takes the place of the one before."""
    row = _open_row(evidence)
    row.valid_from = valid_from or row.valid_from
    row.kind, row.register_url = kind or row.kind, register_url or row.register_url
    _check_check(row, check_method, by)
    row.valid_to = _last_day(row, valid_to or row.valid_to, now)
    old, row.state, row.check_method = row.state, State.VERIFIED, check_method
    row.checked_by, row.checked_at, row.note, row.reason_code = by, now, note, ""
    row.save(
        update_fields=[
            "state", "valid_from", "valid_to", "check_method", "checked_by", "checked_at", "note",
            "reason_code", "kind", "register_url",
        ]
    )  # fmt: skip
    _record(row, "evidence_verified", by=by, old=old, new=row.state, reason=check_method)
    settle_verified(row, by=by, now=now)


@transaction.atomic
def reject_evidence(
    *, evidence: Evidence, reason_code: str, by: User, now: datetime, note: str = ""
) -> None:
    """It does not show what it should. A file that shows clients goes at once (E9)."""
    row = _open_row(evidence)
    _check_reviewer(row, by)
    old, row.state, row.reason_code = row.state, State.REJECTED, reason_code
    row.checked_by, row.checked_at, row.note = by, now, note
    row.save(update_fields=["state", "reason_code", "checked_by", "checked_at", "note"])
    _record(row, "evidence_rejected", by=by, old=old, new=row.state, reason=reason_code)
    row.review_tasks.filter(done_at=None).update(done_at=now, done_by=by)
    if reason_code == CONTAINS_CLIENT_INFO and row.document:
        purge_document(evidence=row, by=by, reason=CONTAINS_CLIENT_INFO, now=now)


def _open_row(evidence: Evidence) -> Evidence:
    rows = Evidence.objects.select_for_update(of=("self",))
    row = rows.select_related("criterion__community", "organization").get(pk=evidence.pk)
    if row.state not in Evidence.UNCHECKED_STATES:
        raise ActionError(_("Somebody has decided on it already. Look at it again."))
    return row


def _check_place(row: Evidence) -> None:
    if row.site is not None and row.site.organization_id != row.organization.pk:
        raise ActionError(_("This house belongs to another organization."))
    if row.criterion.level == Criterion.Level.SITE and row.site is None:
        raise ActionError(_("This is shown by one house or centre. Choose which."))
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        raise ActionError(_("The last day lies before the first one."))


def _check_reviewer(row: Evidence, by: User) -> None:
    if not may_review(by, row.criterion.community):
        raise ActionError(_("Only reviewers and coordinators decide about evidence."))
    if is_affiliated(by, row.organization):
        raise ActionError(
            _("You belong to %(organization)s yourself. Somebody else decides about it.")
            % {"organization": row.organization}
        )


def _check_check(row: Evidence, check_method: str, by: User) -> None:
    """Who checked, and how: where a register is, a paper is not enough (E5, E6)."""
    _check_reviewer(row, by)
    if not check_method:
        raise ActionError(_("Say how you checked the evidence."))
    accepted = row.criterion.accepted_kinds
    if accepted and row.kind not in accepted:
        raise ActionError(_("This community does not take papers of this kind for it."))
    listed = row.criterion.check_url or row.criterion.check_links
    if listed and check_method == Evidence.Method.DOCUMENT_ONLY:
        raise ActionError(
            _(
                "There is a public register for this, so the document alone is not enough. "
                "Look it up there."
            )
        )


def _last_day(row: Evidence, valid_to: date | None, now: datetime) -> date:
    """As written on the paper, else by the rule of the criterion."""
    today = local_day(row.criterion.community, now)
    last = valid_to or last_day_by_rule(row.criterion, max(today, row.valid_from or today))
    if last < today:
        raise ActionError(_("The last day of the evidence lies in the past."))
    if row.valid_from and last < row.valid_from:
        raise ActionError(_("The last day lies before the first one."))
    return last


def last_day_by_rule(criterion: Criterion, start: date) -> date:
    """Registrations run to the next 31 March; the rest is looked at again after twelve months."""
    if criterion.validity == Criterion.Validity.NEXT_31_MARCH:
        return date(start.year + (start > date(start.year, 3, 31)), 3, 31)
    return date(start.year + 1, start.month, min(start.day, 28)) - timedelta(days=1)


def settle_verified(row: Evidence, *, by: User, now: datetime) -> None:
    """The older ones step back, the tasks are done, and who was in grace is back (A4)."""
    same = Evidence.objects.filter(
        organization=row.organization, criterion=row.criterion, site=row.site, state__in=REPLACED
    )
    today = local_day(row.criterion.community, now)
    # One that begins later leaves the present one in force until then.
    if row.valid_from is None or row.valid_from <= today:
        for older in same.exclude(pk=row.pk).select_related("criterion__community").order_by("pk"):
            Evidence.objects.filter(pk=older.pk).update(state=State.SUPERSEDED)
            _record(older, "evidence_superseded", by=by, old=older.state, new=State.SUPERSEDED)
    row.review_tasks.filter(done_at=None).update(done_at=now, done_by=by)
    review_standing(row.criterion.community, now=now)


def _ask_reviewers(row: Evidence, now: datetime) -> None:
    community = row.criterion.community
    open_review_task(
        community=community,
        kind=ReviewTask.Kind.EVIDENCE_SENT,
        now=now,
        due_on=add_business_days(local_day(community, now), LOOK_DAYS),
        organization=row.organization,
        evidence=row,
        note=_("A contact of the organization sent a new paper."),
    )


def _record(row: Evidence, action: str, *, by: User, **words: Any) -> None:  # noqa: ANN401
    audit.record(action, row, by=by, scope=row.criterion.community.public_id, **words)
