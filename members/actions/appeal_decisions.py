"""What follows from the votes of a panel: upheld, dismissed, or returned for a new review."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.access import has_role
from members.actions.appeal_findings import Finding, record_paper, verify_finding
from members.actions.appeal_force import be_ally_until_then, bring_in_force, counts_on
from members.actions.appeals import close, locked, move_application
from members.actions.memberships import local_day
from members.calendar import first_answer_due
from members.emails.appeals import queue_appeal_email
from members.models import Affiliation, Appeal, Evidence, MembershipApplication, Organization, User
from members.queries.appeals import has_conflict, tally, what_lacks
from members.reasons import CONTAINS_CLIENT_INFO

State = Appeal.State
Applied = MembershipApplication.State


@transaction.atomic
def decide_appeal(
    *,
    appeal: Appeal,
    by: User,
    reasons: str,
    now: datetime,
    effective_on: date | None = None,
    finding: Finding | None = None,
) -> Appeal:
    """Write down what the panel has decided by its votes, with reasons for the applicant.

    `by` only writes it down: one of the panel, or a coordinator who had no part in the decline.
    """
    row = locked(appeal)
    if row.state != State.OPEN:
        raise ActionError(_("This is decided already. Look at it again."))
    _check_may_write(row, by)
    outcome = tally(row)
    if not outcome:
        raise ActionError(what_lacks(row, list(row.seats.all())))
    if not reasons.strip():
        raise ActionError(_("Write the reasons: the applicant reads them in the mail."))
    if outcome == State.UPHELD:
        _uphold(row, by, now, reasons.strip(), effective_on, finding)
        return row
    close(row, outcome, by=by, now=now, reasons=reasons.strip())
    if outcome == State.RETURNED:
        _return(row, by=by, now=now)
    else:
        action = "application_appeal_dismissed"
        move_application(row.application, Applied.APPEAL_DISMISSED, action, by=by, decided_at=now)
    queue_appeal_email("decided", row)
    return row


def _check_may_write(row: Appeal, by: User) -> None:
    seated = row.seats.filter(person=by).exists()
    coordinates = has_role(by, row.application.community, "coordinator")
    if not seated and not coordinates:
        raise ActionError(_("Only the panel or a coordinator writes the decision."))
    if has_conflict(row, by):
        raise ActionError(_("You had a part in this, or are close to it. Somebody else writes it."))


def _uphold(
    row: Appeal,
    by: User,
    now: datetime,
    reasons: str,
    effective_on: date | None,
    finding: Finding | None,
) -> None:
    application = row.application
    today = local_day(application.community, now)
    row.effective_on = effective_on or today
    if row.effective_on < today:
        raise ActionError(_("Choose today or a later day."))
    if finding is not None:
        verify_finding(row, finding, by=by, now=now)
    if not counts_on(application, row.effective_on):
        raise ActionError(
            _(
                "Nothing shows that %(organization)s is eligible on that day. Say what the panel "
                "has verified, or choose another day."
            )
            % {"organization": application.organization}
        )
    close(row, State.UPHELD, by=by, now=now, reasons=reasons)
    action = "application_appeal_upheld"
    move_application(application, Applied.APPEAL_UPHELD, action, by=by, decided_at=now)
    _know_them(application, now)
    queue_appeal_email("decided", row)
    if row.effective_on <= today:
        bring_in_force(row, by=by, now=now)
    else:
        be_ally_until_then(row, by=by, now=now)


def _know_them(application: MembershipApplication, now: datetime) -> None:
    """As with any approval: the organization becomes active, the tie to it is confirmed."""
    Organization.objects.filter(
        pk=application.organization_id, status=Organization.Status.PROPOSED
    ).update(status=Organization.Status.ACTIVE)
    Affiliation.objects.filter(
        person=application.person_id,
        organization=application.organization_id,
        state__in=[Affiliation.State.CLAIMED, Affiliation.State.DISPUTED],
    ).update(
        state=Affiliation.State.CONFIRMED,
        confirmed_by=Affiliation.Method.REVIEWER,
        confirmed_at=now,
    )


def _return(row: Appeal, *, by: User, now: datetime) -> None:
    """A new review from the start: the clock runs anew, the papers are open again."""
    application = row.application
    due_on = first_answer_due(now, application.community.timezone)
    newer = application.community.applications.filter(
        person=application.person_id, state__in=MembershipApplication.OPEN_STATES
    )
    if newer.exists():
        # One open application a person (AM3): the newer one is the new review.
        newer.update(due_on=due_on)
        move_application(application, Applied.DECLINED, "application_appeal_returned", by=by)
        return
    rejected = application.evidence.filter(state=Evidence.State.REJECTED, document_purged_at=None)
    for paper in rejected.exclude(reason_code=CONTAINS_CLIENT_INFO).order_by("pk"):
        Evidence.objects.filter(pk=paper.pk).update(state=Evidence.State.SUBMITTED)
        paper.state = Evidence.State.SUBMITTED
        record_paper(row, paper, "evidence_reopened", by=by, old=Evidence.State.REJECTED)
    move_application(
        application,
        Applied.IN_REVIEW,
        "application_appeal_returned",
        by=by,
        due_on=due_on,
        decided_at=None,
        claimed_by=None,
        claimed_at=None,
        held_until=None,
        hold_reason="",
        appeal_by=None,
    )
