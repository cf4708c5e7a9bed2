"""What happens to an application while nobody acts: reminders, lapse, and the ways back."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.memberships import local_day, make_membership
from members.calendar import first_answer_due
from members.emails import queue_application_email
from members.models import (
    InformationRequest,
    Membership,
    MembershipApplication,
    User,
)

State = MembershipApplication.State
# Days after the question (2.6).
REMINDERS = (timedelta(days=7), timedelta(days=21))
ANSWER_WITHIN = timedelta(days=30)
REOPEN_WITHIN = timedelta(days=90)
APPEAL_WITHIN = timedelta(days=30)
# Declined for these, nobody is offered to stay as an ally.
NO_ALLY = frozenset({"CONDUCT", "DUPLICATE", "COHORT_FULL"})


def note_request(
    application: MembershipApplication, *, by: User, message: str, codes: list[str], now: datetime
) -> InformationRequest:
    """Keep the question and its last day, in the caller's transaction."""
    last = local_day(application.community, now) + ANSWER_WITHIN
    MembershipApplication.objects.filter(pk=application.pk).update(answer_by=last)
    application.answer_by = last
    return InformationRequest.objects.create(
        application=application,
        reason_codes=codes,
        message=message,
        asked_by=by,
        asked_at=now,
        answer_by=last,
    )


def note_answer(application: MembershipApplication, *, answer: str, now: datetime) -> None:
    """Keep the answer with the question it answers, in the caller's transaction."""
    application.requests.filter(answered_at=None).update(answer=answer, answered_at=now)
    MembershipApplication.objects.filter(pk=application.pk).update(answer_by=None)


def keep_applications(*, now: datetime) -> None:
    """Remind on days 7 and 21, close after 30. May run at any hour, and twice."""
    _end_holds(now)
    waiting = MembershipApplication.objects.filter(
        state=State.INFO_REQUESTED, answer_by__isnull=False
    )
    for row in waiting.select_related("community", "person", "organization").order_by("pk"):
        today = local_day(row.community, now)
        if today > row.answer_by:
            _lapse(row, now=now)
            continue
        asked = row.answer_by - ANSWER_WITHIN
        turn = sum(today >= asked + wait for wait in REMINDERS)
        if turn:
            queue_application_email("reminder", row, turn=turn)


def _end_holds(now: datetime) -> None:
    """What was laid aside until today is in the queue again."""
    held = MembershipApplication.objects.filter(held_until__isnull=False)
    for row in held.select_related("community").order_by("pk"):
        if row.held_until <= local_day(row.community, now):
            still = MembershipApplication.objects.filter(pk=row.pk, held_until=row.held_until)
            still.update(held_until=None, hold_reason="")


@transaction.atomic
def reopen_application(
    *, application: MembershipApplication, person: User, now: datetime
) -> MembershipApplication:
    """Go on with what lapsed for want of an answer, within 90 days; the clock starts anew."""
    mine = MembershipApplication.objects.filter(pk=application.pk, person=person)
    row = mine.select_for_update(of=("self",)).select_related("community").first()
    if row is None or not may_reopen(row, now=now):
        raise ActionError(_("This application cannot be opened again. You may send a new one."))
    others = row.community.applications.filter(
        person=person, state__in=MembershipApplication.OPEN_STATES
    )
    if others.exists():
        raise ActionError(_("You have a newer application already."))
    mine.update(
        state=State.INFO_REQUESTED,
        decided_at=None,
        answer_by=local_day(row.community, now) + ANSWER_WITHIN,
        due_on=first_answer_due(now, row.community.timezone),
        version=F("version") + 1,
    )
    row.refresh_from_db()
    row.requests.filter(answered_at=None).update(answer_by=row.answer_by)
    _record("application_reopened", row, by=person, old=State.LAPSED, new=State.INFO_REQUESTED)
    return row


def may_reopen(application: MembershipApplication, *, now: datetime) -> bool:
    return (
        application.state == State.LAPSED
        and application.decided_at is not None
        and application.decided_at > now - REOPEN_WITHIN
        and application.community.takes_applications
    )


def may_become_ally(application: MembershipApplication) -> bool:
    """Is a place as an ally offered with the no (AM4)?"""
    return (
        application.state in {State.DECLINED, State.APPEAL_DISMISSED}
        and application.community.allies_allowed
        and application.community.takes_applications
        and not NO_ALLY & set(application.reason_codes)
    )


@transaction.atomic
def accept_ally_offer(
    *, application: MembershipApplication, person: User, now: datetime
) -> Membership:
    """Stay as an ally after a no. Raises ActionError where that is not offered."""
    rows = MembershipApplication.objects.select_for_update(of=("self",))
    row = rows.select_related("community", "person").get(pk=application.pk)
    if row.person_id != person.pk or not may_become_ally(row):
        raise ActionError(_("This is not offered here."))
    standing = row.community.memberships.filter(
        person=person, state__in=[*Membership.CURRENT_STATES, Membership.State.SUSPENDED]
    )
    if standing.exists():
        raise ActionError(_("You belong here already."))
    membership = make_membership(
        community=row.community,
        person=person,
        category=Membership.Category.ALLY,
        by=person,
        now=now,
    )
    queue_application_email("welcome", row, category=Membership.Category.ALLY)
    return membership


def last_appeal_day(application: MembershipApplication, now: datetime) -> date:
    return local_day(application.community, now) + APPEAL_WITHIN


@transaction.atomic
def _lapse(row: MembershipApplication, *, now: datetime) -> None:
    waiting = MembershipApplication.objects.filter(pk=row.pk, state=State.INFO_REQUESTED)
    changed = waiting.update(
        state=State.LAPSED, decided_at=now, answer_by=None, version=F("version") + 1
    )
    if changed:
        row.refresh_from_db()
        _record("application_lapsed", row, by=None, old=State.INFO_REQUESTED, new=State.LAPSED)
        queue_application_email("lapsed", row)


def _record(
    action: str, row: MembershipApplication, *, by: User | None, old: str, new: str
) -> None:
    audit.record(action, row, by=by, scope=row.community.public_id, old=old, new=new)
