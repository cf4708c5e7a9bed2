"""Asking the office that issued a paper: proposed by a reviewer, sent by the applicant's yes."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import may_review
from members.actions.decisions import check_may_decide
from members.emails.inquiries import queue_inquiry_proposed, queue_issuer_inquiry
from members.models import IssuerInquiry, MembershipApplication, User

State = IssuerInquiry.State


@transaction.atomic
def propose_inquiry(
    *,
    application: MembershipApplication,
    issuer: str,
    email: str,
    question: str,
    by: User,
    now: datetime,
) -> IssuerInquiry:
    """Ask the applicant whether we may ask. Nothing goes to the office yet."""
    check_may_decide(application, by)
    row = MembershipApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if not row.is_open:
        raise ActionError(_("This application is closed already. Look at its state below."))
    if application.inquiries.filter(state=State.PROPOSED).exists():
        raise ActionError(_("One question waits for the applicant's yes already."))
    if application.inquiries.filter(state=State.REFUSED, email__iexact=email).exists():
        raise ActionError(_("The applicant said no to asking this office. We do not ask again."))
    inquiry = IssuerInquiry.objects.create(
        application=application,
        issuer=issuer,
        email=email,
        question=question.strip(),
        proposed_by=by,
        proposed_at=now,
    )
    _record("inquiry_proposed", inquiry, by=by, new=State.PROPOSED)
    queue_inquiry_proposed(inquiry)
    return inquiry


@transaction.atomic
def agree_to_inquiry(*, inquiry: IssuerInquiry, person: User, now: datetime) -> None:
    """The applicant says yes: the mail goes to the office, word for word as it was shown."""
    _answer(inquiry, person, state=State.SENT, agreed_at=now)
    _record("inquiry_sent", inquiry, by=person, old=State.PROPOSED, new=State.SENT)
    queue_issuer_inquiry(inquiry)


@transaction.atomic
def refuse_inquiry(*, inquiry: IssuerInquiry, person: User, now: datetime) -> None:
    """The applicant says no. Nobody is asked, and the row stays so that nobody asks again."""
    _answer(inquiry, person, state=State.REFUSED)
    _record("inquiry_refused", inquiry, by=person, old=State.PROPOSED, new=State.REFUSED)


@transaction.atomic
def note_inquiry_answer(*, inquiry: IssuerInquiry, answer: str, by: User, now: datetime) -> None:
    """What the office answered, for the file."""
    if not may_review(by, inquiry.application.community):
        raise ActionError(_("Only reviewers and coordinators decide about applications."))
    if not answer.strip():
        raise ActionError(_("Write down what the office answered."))
    sent = IssuerInquiry.objects.filter(pk=inquiry.pk, state=State.SENT)
    if not sent.update(state=State.ANSWERED, answer=answer.strip(), answered_at=now):
        raise ActionError(_("This question waits for no answer now."))
    _record("inquiry_answered", inquiry, by=by, old=State.SENT, new=State.ANSWERED)


def _answer(inquiry: IssuerInquiry, person: User, **changes: object) -> None:
    waiting = IssuerInquiry.objects.filter(
        pk=inquiry.pk,
        state=State.PROPOSED,
        application__person=person,
        application__state__in=MembershipApplication.OPEN_STATES,
    )
    if not waiting.update(**changes):
        raise ActionError(_("This question waits for no answer now."))
    inquiry.refresh_from_db()


def _record(
    action: str, inquiry: IssuerInquiry, *, by: User | None, new: str, old: str = ""
) -> None:
    scope = inquiry.application.community.public_id
    audit.record(action, inquiry, by=by, scope=scope, old=old, new=new)
