"""Once a year: "still there?" A confirmation, no application; silence ends nothing soon (2.7)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.memberships import end_membership, local_day
from members.emails.memberships import queue_membership_email, queue_renewal_email
from members.models import Community, Membership, MembershipConfirmation

Answer = MembershipConfirmation.Answer
State = Membership.State
# Days after the question: two reminders, then the membership counts as unconfirmed.
REMINDERS = (timedelta(days=14), timedelta(days=28))
GIVEN_UP = timedelta(days=42)
# Nobody who has just joined is asked whether they are still there.
NEW = timedelta(days=90)
SILENT_YEAR = timedelta(days=365)


def keep_confirmations(*, now: datetime) -> None:
    for community in Community.objects.public().order_by("pk"):
        if not community.is_writing:
            continue
        today = local_day(community, now)
        if today.month == community.year_start_month:
            _ask(community, today)
        _remind(community, today)
        _let_go(community, today, now=now)


def _ask(community: Community, today: date) -> None:
    """In the first month of the programme year, whoever joined before its last three months."""
    rows = community.memberships.filter(
        state__in=Membership.CURRENT_STATES, joined_on__lte=today - NEW
    )
    rows = rows.exclude(category=Membership.Category.GUEST)
    for row in rows.exclude(confirmations__year=today.year).order_by("pk"):
        with transaction.atomic():
            confirmation, is_new = MembershipConfirmation.objects.get_or_create(
                membership=row, year=today.year, defaults={"asked_on": today}
            )
            if is_new:
                queue_renewal_email(confirmation, turn=0)


def _remind(community: Community, today: date) -> None:
    waiting = MembershipConfirmation.objects.filter(
        membership__community=community,
        membership__state__in=Membership.CURRENT_STATES,
        answered_at=None,
        asked_on__gt=today - SILENT_YEAR,
        asked_on__lte=today - REMINDERS[0],
    ).select_related("membership__person", "membership__community")
    fresh = waiting.filter(asked_on__gt=today - GIVEN_UP)
    for row in fresh.order_by("pk"):
        turn = sum(today >= row.asked_on + wait for wait in REMINDERS)
        queue_renewal_email(row, turn=turn)
    late = waiting.filter(asked_on__lte=today - GIVEN_UP, membership__is_unconfirmed=False)
    for row in late.order_by("pk"):
        _mark_unconfirmed(row.membership)


@transaction.atomic
def _mark_unconfirmed(row: Membership) -> None:
    if Membership.objects.filter(pk=row.pk, is_unconfirmed=False).update(is_unconfirmed=True):
        audit.record("membership_unconfirmed", row, by=None, scope=row.community.public_id)


def _let_go(community: Community, today: date, *, now: datetime) -> None:
    """A year without a word and without a visit: lapsed."""
    over = today - SILENT_YEAR
    silent = community.memberships.filter(
        Q(person__last_seen_on__isnull=True) | Q(person__last_seen_on__lte=over),
        Q(person__last_login__isnull=True) | Q(person__last_login__lte=now - SILENT_YEAR),
        state__in=Membership.CURRENT_STATES,
        is_unconfirmed=True,
        confirmations__answered_at=None,
        confirmations__asked_on__lte=over,
    )
    for row in silent.select_related("person", "community").distinct().order_by("pk"):
        with transaction.atomic():
            if end_membership(
                membership=row,
                state=State.LAPSED,
                reason="not heard of for a year",
                by=None,
                now=now,
                only_from=Membership.CURRENT_STATES,
            ):
                queue_membership_email("lapsed", row)


@transaction.atomic
def answer_confirmation(
    *, confirmation: MembershipConfirmation, answer: str, now: datetime
) -> MembershipConfirmation:
    """Yes, or something has changed; whoever leaves does so by `leave_community`. May be repeated:
    the same word once more changes nothing.

    Raises ActionError where the membership has ended in the meantime.
    """
    row = Membership.objects.select_for_update(of=("self",)).get(pk=confirmation.membership_id)
    if row.state not in Membership.CURRENT_STATES:
        raise ActionError(_("This membership has ended. You may apply again any time."))
    asked = MembershipConfirmation.objects.filter(pk=confirmation.pk)
    if not asked.exclude(answer=answer).update(answered_at=now, answer=Answer(answer)):
        return confirmation
    today = local_day(row.community, now)
    Membership.objects.filter(pk=row.pk).update(confirmed_on=today, is_unconfirmed=False)
    scope = row.community.public_id
    audit.record("membership_confirmed", row, by=row.person, scope=scope, new=answer)
    confirmation.refresh_from_db()
    return confirmation
