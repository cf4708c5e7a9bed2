from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cop.core import audit, scan
from cop.core.errors import ActionError
from cop.core.uploads import CheckedUpload
from members.models import Criterion, Evidence, MembershipApplication, User

KEEP_AFTER_DECISION = timedelta(days=90)
# Still looked at, or looked at again: reviewers or a panel read the papers.
UNDECIDED = (*MembershipApplication.OPEN_STATES, MembershipApplication.State.APPEALED)


def add_evidence(
    *,
    application: MembershipApplication,
    criterion: Criterion,
    reference: str,
    document: CheckedUpload | None,
    now: datetime,
    **facts: Any,  # noqa: ANN401  kind, issuer, site, holder_name, valid_from, valid_to
) -> Evidence:
    """One more fact offered for the organization of an application."""
    if not facts.get("kind"):
        facts["kind"] = Evidence.Kind.CERTIFICATE if document else Evidence.Kind.REFERENCE
    row = Evidence(
        organization=application.organization,
        criterion=criterion,
        application=application,
        reference=reference.strip()[:160],
        submitted_by=application.person,
        submitted_at=now,
        **facts,
    )
    last = row.valid_to
    if last and last < now.astimezone(ZoneInfo(application.community.timezone)).date():
        raise ActionError(_("The period on this paper has ended. Send the one that holds now."))
    if document is not None:
        row.document_name = document.name
        row.scan_state = scan.first_state()
        row.document.save(document.name, document.content_file, save=False)
    row.save(force_insert=True)
    scope = application.community.public_id
    audit.record("evidence_submitted", row, by=application.person, scope=scope, new=row.state)
    return row


def record_document_view(*, evidence: Evidence, by: User) -> None:
    """Who opened whose papers, and when (E7)."""
    scope = evidence.criterion.community.public_id
    audit.record("evidence_viewed", evidence, by=by, scope=scope)


def purge_document(*, evidence: Evidence, by: User | None, reason: str, now: datetime) -> None:
    """Delete the file and keep the fact. From the caller's commit on nobody can open it."""
    Evidence.objects.filter(pk=evidence.pk).update(document_purged_at=now)
    scope = evidence.criterion.community.public_id
    audit.record("evidence_purged", evidence, by=by, scope=scope, reason=reason)
    transaction.on_commit(partial(_remove_file, evidence.pk))


def _remove_file(pk: int) -> None:
    # The name goes last: a death in between leaves it for the next hour's sweep.
    row = Evidence.objects.get(pk=pk)
    if row.document:
        default_storage.delete(row.document.name)
        Evidence.objects.filter(pk=pk).update(document="", document_name="")


def purge_old_documents(*, now: datetime) -> int:
    """Delete the files of what was decided 90 days ago (E7). Returns how many. Safe to repeat."""
    kept = Evidence.objects.exclude(document="")
    for pk in list(kept.filter(document_purged_at__isnull=False).values_list("pk", flat=True)):
        _remove_file(pk)
    due = kept.filter(_is_over(now), document_purged_at__isnull=True).exclude(
        application__state__in=UNDECIDED
    )
    rows = list(due.select_related("criterion__community").order_by("pk"))
    for row in rows:
        with transaction.atomic():
            purge_document(evidence=row, by=None, reason=_why_over(row), now=now)
    return len(rows)


def _is_over(now: datetime) -> Q:
    """Decided 90 days ago, taken back and lapsed too; or sent by a person who is erased."""
    over = now - KEEP_AFTER_DECISION
    # A newer one took its place before anybody looked at it.
    never_looked_at = ~Q(state__in=Evidence.UNCHECKED_STATES) & Q(
        checked_at__isnull=True, submitted_at__lte=over
    )
    of_the_house = Q(application__isnull=True) & (Q(checked_at__lte=over) | never_looked_at)
    return Q(application__decided_at__lte=over) | of_the_house | Q(submitted_by__isnull=True)


def _why_over(evidence: Evidence) -> str:
    if evidence.submitted_by_id is None:
        return "the sender is erased"
    return "90 days after the decision"


def scan_documents() -> None:
    """Ask the malware scanner about files that wait for it. Nothing to do without a scanner."""
    kept = Evidence.objects.select_related("criterion__community").exclude(document="")
    kept = kept.filter(document_purged_at__isnull=True)
    for row in scan.scan_waiting(kept, "document"):
        if row.scan_state == scan.ScanState.INFECTED:
            scope = row.criterion.community.public_id
            audit.record("file_infected", row, by=None, scope=scope, new=row.scan_state)
