"""What a panel has verified itself: evidence like any other (E6), by people without the desk."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.evidence_records import last_day_by_rule, settle_verified
from members.actions.memberships import local_day
from members.models import Appeal, Criterion, Evidence, MembershipApplication, Site, User

VERIFIED_FIELDS = [
    "state", "reference", "site", "valid_from", "valid_to", "reason_code", "checked_by",
    "checked_at", "check_method",
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What the panel itself has verified, as for any other evidence (E6)."""

    criterion: Criterion
    check_method: str
    kind: str = Evidence.Kind.FUNDING_LETTER
    reference: str = ""
    site: Site | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def verify_finding(row: Appeal, finding: Finding, *, by: User, now: datetime) -> None:
    """The panel verified it: the row of the application where there is one, else a new one."""
    application, criterion = row.application, finding.criterion
    _check_finding(application, finding)
    today = local_day(application.community, now)
    start = finding.valid_from
    last = finding.valid_to or last_day_by_rule(criterion, max(today, start or today))
    if last < max(today, start or today):
        raise ActionError(_("The last day of the evidence lies before the first one, or is past."))
    unchecked = [*Evidence.UNCHECKED_STATES, Evidence.State.REJECTED]
    same = application.evidence.filter(
        criterion=criterion, state__in=unchecked, document_purged_at=None
    )
    evidence = same.order_by("-submitted_at", "-pk").first()
    is_new = evidence is None
    if evidence is None:
        evidence = Evidence(
            organization=application.organization,
            criterion=criterion,
            application=application,
            kind=finding.kind,
            submitted_by=application.person,
            submitted_at=row.opened_at,
        )
    old, evidence.state = evidence.state, Evidence.State.VERIFIED
    evidence.reference = finding.reference.strip()[:160] or evidence.reference
    evidence.site = finding.site or evidence.site
    evidence.valid_from, evidence.valid_to, evidence.reason_code = start, last, ""
    evidence.checked_by, evidence.checked_at = by, now
    evidence.check_method = finding.check_method
    if is_new:
        evidence.save(force_insert=True)
    else:
        evidence.save(update_fields=VERIFIED_FIELDS)
    record_paper(row, evidence, "evidence_verified", by=by, old=old)
    settle_verified(evidence, by=by, now=now)


def _check_finding(application: MembershipApplication, finding: Finding) -> None:
    criterion = finding.criterion
    if application.organization is None or criterion.community_id != application.community_id:
        raise ActionError(_("This way to qualify belongs to another community."))
    if not finding.check_method:
        raise ActionError(_("Say how the panel checked it."))
    listed = criterion.check_url or criterion.check_links
    if listed and finding.check_method == Evidence.Method.DOCUMENT_ONLY:
        raise ActionError(
            _(
                "There is a public register for this, so the document alone is not enough. "
                "Look it up there."
            )
        )
    if criterion.accepted_kinds and finding.kind not in criterion.accepted_kinds:
        raise ActionError(_("This community does not take papers of this kind for it."))
    if finding.site and finding.site.organization_id != application.organization_id:
        raise ActionError(_("This house belongs to another organization."))
    if criterion.level == Criterion.Level.SITE and finding.site is None:
        raise ActionError(_("This is shown by one house or centre. Choose which."))


def record_paper(row: Appeal, paper: Evidence, action: str, *, by: User, old: str) -> None:
    scope = row.application.community.public_id
    audit.record(action, paper, by=by, scope=scope, old=old, new=paper.state)
