"""A second look at a decline: opened, added to, or taken back by the applicant (2.6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cop.core import audit, scan
from cop.core.errors import ActionError
from cop.core.uploads import CheckedUpload
from members.actions.memberships import local_day
from members.calendar import add_business_days
from members.emails.appeals import queue_appeal_email
from members.models import Appeal, AppealFile, MembershipApplication, Organization, User
from members.queries.appeals import may_appeal

State = Appeal.State
Applied = MembershipApplication.State
DECIDE_DAYS = 20
MOST_FILES = 5
KEEP_AFTER_DECISION = timedelta(days=90)


@transaction.atomic
def open_appeal(
    *,
    application: MembershipApplication,
    person: User,
    ground: str,
    text: str,
    now: datetime,
    competitor: Organization | None = None,
    documents: Sequence[CheckedUpload] = (),
) -> Appeal:
    """Ask people who had no part in it to look again, within thirty days of the decline."""
    rows = MembershipApplication.objects.select_for_update(of=("self",))
    row = rows.select_related("community").filter(pk=application.pk, person=person).first()
    if row is None or row.state != Applied.DECLINED:
        raise ActionError(_("There is no decision here to look at again."))
    today = local_day(row.community, now)
    if not may_appeal(row, today):
        raise ActionError(
            _("The thirty days for this are over. You may apply again any time, with new papers.")
        )
    _check_words(text)
    appeal = Appeal.objects.create(
        application=row,
        ground=ground,
        text=text.strip(),
        competitor=competitor,
        opened_at=now,
        due_on=add_business_days(today, DECIDE_DAYS),
    )
    for document in documents[:MOST_FILES]:
        _keep_file(appeal, document)
    move_application(row, Applied.APPEALED, "application_appealed", by=person)
    record(appeal, "appeal_opened", by=person, new=State.OPEN)
    queue_appeal_email("received", appeal)
    return appeal


@transaction.atomic
def add_appeal_file(
    *, appeal: Appeal, person: User, document: CheckedUpload, now: datetime
) -> AppealFile:
    """One more paper, while the panel has not decided."""
    row = locked(appeal)
    if row.application.person_id != person.pk or row.state != State.OPEN:
        raise ActionError(_("This is decided already. Nothing can be added now."))
    if row.files.count() >= MOST_FILES:
        raise ActionError(
            _("There are %(most)s papers already. That is all the panel can take in.")
            % {"most": MOST_FILES}
        )
    file = _keep_file(row, document)
    record(row, "appeal_file_added", by=person)
    return file


@transaction.atomic
def withdraw_appeal(*, appeal: Appeal, person: User, now: datetime) -> None:
    """Take it back; the decline stands as it was. No reason asked."""
    row = locked(appeal)
    if row.application.person_id != person.pk or row.state != State.OPEN:
        raise ActionError(_("This is decided already. Look at its state below."))
    close(row, State.WITHDRAWN, by=person, now=now)
    move_application(row.application, Applied.DECLINED, "application_appeal_withdrawn", by=person)


def locked(appeal: Appeal) -> Appeal:
    """The row for oneself: two at once vote, seat and decide one after the other."""
    rows = Appeal.objects.select_for_update(of=("self",))
    return rows.select_related(
        "application__community", "application__person", "application__organization"
    ).get(pk=appeal.pk)


def close(row: Appeal, state: str, *, by: User | None, now: datetime, reasons: str = "") -> None:
    """In the caller's transaction, on a locked row."""
    row.state, row.decided_at, row.reasons = state, now, reasons
    row.version += 1
    row.save(update_fields=["state", "decided_at", "reasons", "effective_on", "version"])
    record(row, f"appeal_{state}", by=by, old=State.OPEN, new=state)


def move_application(
    application: MembershipApplication,
    state: str,
    action: str,
    *,
    by: User | None,
    **changes: object,
) -> None:
    """The application follows its appeal. Its reviewer stays: who declined must be known (E5)."""
    old = application.state
    MembershipApplication.objects.filter(pk=application.pk).update(
        state=state, version=F("version") + 1, **changes
    )
    application.refresh_from_db()
    scope = application.community.public_id
    audit.record(action, application, by=by, scope=scope, old=old, new=state)


def record(
    appeal: Appeal, action: str, *, by: User | None, old: str = "", new: str = "", reason: str = ""
) -> None:
    scope = appeal.application.community.public_id
    audit.record(action, appeal, by=by, scope=scope, old=old, new=new, reason=reason)


def record_file_view(*, file: AppealFile, by: User) -> None:
    """Who opened it, and when (E7)."""
    record(file.appeal, "appeal_file_viewed", by=by, reason=file.public_id)


def purge_appeal_files(*, now: datetime) -> int:
    """Delete the papers 90 days after the decision (E7). Returns how many. Safe to repeat.

    What was returned counts from the end of its new review.
    """
    kept = AppealFile.objects.exclude(document="")
    for pk in list(kept.filter(purged_at__isnull=False).values_list("pk", flat=True)):
        _remove_file(pk)
    over = now - KEEP_AFTER_DECISION
    due = (
        kept.filter(purged_at=None, appeal__decided_at__lte=over)
        .exclude(appeal__application__state__in=MembershipApplication.OPEN_STATES)
        .exclude(appeal__state=State.RETURNED, appeal__application__decided_at__gt=over)
    )
    rows = list(due.select_related("appeal__application__community").order_by("pk"))
    for row in rows:
        with transaction.atomic():
            AppealFile.objects.filter(pk=row.pk).update(purged_at=now)
            record(row.appeal, "appeal_file_purged", by=None, reason=row.public_id)
            transaction.on_commit(partial(_remove_file, row.pk))
    return len(rows)


def scan_appeal_files() -> None:
    """Ask the malware scanner about papers that wait for it."""
    kept = AppealFile.objects.select_related("appeal__application__community")
    kept = kept.exclude(document="").filter(purged_at__isnull=True)
    for row in scan.scan_waiting(kept, "document"):
        if row.scan_state == scan.ScanState.INFECTED:
            record(row.appeal, "file_infected", by=None, reason=row.public_id)


def _remove_file(pk: int) -> None:
    # The name goes last: a death in between leaves it for the next hour's sweep.
    row = AppealFile.objects.get(pk=pk)
    if row.document:
        default_storage.delete(row.document.name)
        AppealFile.objects.filter(pk=pk).update(document="", document_name="")


def _keep_file(appeal: Appeal, document: CheckedUpload) -> AppealFile:
    row = AppealFile(appeal=appeal, document_name=document.name, scan_state=scan.first_state())
    row.document.save(document.name, document.content_file, save=False)
    row.save(force_insert=True)
    return row


def _check_words(text: str) -> None:
    if not text.strip():
        raise ActionError(_("Say in your words what should be looked at again."))
