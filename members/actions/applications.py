from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from cop.core.uploads import CheckedUpload
from members.actions.documents import add_evidence
from members.actions.waiting import note_answer
from members.calendar import first_answer_due
from members.models import Criterion, Evidence, MembershipApplication, User

State = MembershipApplication.State


@transaction.atomic
def answer_request(
    *,
    application: MembershipApplication,
    person: User,
    answer: str,
    now: datetime,
    criterion: Criterion | None = None,
    reference: str = "",
    document: CheckedUpload | None = None,
) -> None:
    """The applicant's answer to a reviewer's question; the clock of the reviewer starts again."""
    asked = MembershipApplication.objects.filter(
        pk=application.pk, person=person, state=State.INFO_REQUESTED
    )
    due_on = first_answer_due(now, application.community.timezone)
    changed = asked.update(
        state=State.IN_REVIEW, answer=answer, due_on=due_on, version=F("version") + 1
    )
    if not changed:
        raise ActionError(_("This application waits for no answer now. Look at its state below."))
    application.refresh_from_db()
    asked_state, next_state = State.INFO_REQUESTED, State.IN_REVIEW
    _record(application, "application_answered", by=person, old=asked_state, new=next_state)
    note_answer(application, answer=answer, now=now)
    criterion = criterion or _criterion_so_far(application)
    if criterion is not None and (reference or document):
        add_evidence(
            application=application,
            criterion=criterion,
            reference=reference,
            document=document,
            now=now,
        )


def _criterion_so_far(application: MembershipApplication) -> Criterion | None:
    rows: list[Evidence] = list(
        application.evidence.select_related("criterion").order_by("-submitted_at", "-pk")[:1]
    )
    return rows[0].criterion if rows else None


@transaction.atomic
def withdraw_application(
    *, application: MembershipApplication, person: User, now: datetime
) -> None:
    """Take an open application back. No reason asked."""
    mine = MembershipApplication.objects.filter(
        pk=application.pk, person=person, state__in=MembershipApplication.OPEN_STATES
    )
    if not mine.update(state=State.WITHDRAWN, decided_at=now, version=F("version") + 1):
        raise ActionError(_("This application is closed already. Look at its state below."))
    old = application.state
    application.refresh_from_db()
    _record(application, "application_withdrawn", by=person, old=old, new=State.WITHDRAWN)


def _record(
    application: MembershipApplication, action: str, *, by: User | None, new: str, old: str = ""
) -> None:
    scope = application.community.public_id
    audit.record(action, application, by=by, scope=scope, old=old, new=new)
