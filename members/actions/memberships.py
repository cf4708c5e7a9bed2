from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role
from members.actions.roles import end_all_roles, end_member_roles
from members.emails.memberships import queue_membership_email
from members.models import Community, Membership, User
from outbox.actions import pause_until, withdraw_all

State = Membership.State
LONGEST_SUSPENSION = timedelta(days=30)
STANDING_STATES = (State.ACTIVE, State.GRACE, State.SUSPENDED)


def make_membership(
    *,
    community: Community,
    person: User,
    category: str,
    by: User | None,
    now: datetime,
    basis: str = Membership.Basis.APPLICATION,
) -> Membership:
    """Give somebody their standing. A current one takes over the category.

    Raises ActionError for a suspended one, and for a member from behind the wall (P4).
    """
    if category == Membership.Category.MEMBER and User.objects.get(pk=person.pk).is_walled():
        raise ActionError(
            _("%(person)s also works for a funder or regulator, and can be an ally only.")
            % {"person": person}
        )
    current = (
        Membership.objects.select_for_update()
        .filter(community=community, person=person, state__in=STANDING_STATES)
        .first()
    )
    if current is not None and current.state == State.SUSPENDED:
        raise ActionError(_("This membership is suspended. End the suspension first."))
    if current is None:
        current = Membership.objects.create(
            community=community,
            person=person,
            category=category,
            basis=basis,
            joined_on=local_day(community, now),
        )
    else:
        Membership.objects.filter(pk=current.pk).update(
            category=category, state=State.ACTIVE, grace_until=None, grace_ground=""
        )
        current.refresh_from_db()
    audit.record("membership_began", current, by=by, scope=community.public_id, new=category)
    return current


@transaction.atomic
def leave_community(*, membership: Membership, now: datetime) -> None:
    """Leave by one's own choice: no reason asked, and all mail stops at once (MB3)."""
    end_all_roles(community=membership.community, person=membership.person, now=now)
    end_membership(
        membership=membership,
        state=State.LEFT,
        reason="left by own choice",
        by=membership.person,
        now=now,
        only_from=Membership.CURRENT_STATES,
    )


def end_membership(
    *,
    membership: Membership,
    state: str,
    reason: str,
    by: User | None,
    now: datetime,
    only_from: Sequence[str],
) -> bool:
    """End it with all its mail, in the caller's transaction. False if it was over already."""
    community, person = membership.community, membership.person
    current = Membership.objects.filter(pk=membership.pk, state__in=only_from)
    ended = current.update(
        state=state,
        ended_on=local_day(community, now),
        end_reason=reason,
        grace_until=None,
        grace_ground="",
        suspended_until=None,
        delegate_for=None,
    )
    if not ended:
        return False
    end_member_roles(community=community, person=person, by=by, now=now)
    withdraw_all(person=person, scope=community.public_id, source="membership ended", now=now)
    old, membership.state = membership.state, state
    audit.record(
        f"membership_{state}",
        membership,
        by=by,
        scope=community.public_id,
        old=old,
        new=state,
        reason=reason,
    )
    return True


@transaction.atomic
def suspend_membership(
    *, membership: Membership, by: User, until: date, reason: str, now: datetime
) -> None:
    """Put somebody's membership on hold over conduct, for thirty days at most (2.7).

    `until`: the first day on which it is over. The person is told the reason in the words given.
    """
    _check_coordinates(by, membership)
    _check_words(reason)
    today = local_day(membership.community, now)
    if not today < until <= today + LONGEST_SUSPENSION:
        raise ActionError(_("Choose a day from tomorrow on, at most thirty days from now."))
    current = Membership.objects.filter(pk=membership.pk, state__in=Membership.CURRENT_STATES)
    old = membership.state
    changed = current.update(
        state=State.SUSPENDED, suspended_until=until, grace_until=None, grace_ground=""
    )
    if not changed:
        raise ActionError(_("This membership is not current any more. Look at it again."))
    scope = membership.community.public_id
    pause_until(person=membership.person, scope=scope, until=until)
    membership.refresh_from_db()
    audit.record(
        "membership_suspended", membership, by=by, scope=scope, old=old, new=State.SUSPENDED
    )
    queue_membership_email("suspended", membership, words=reason)


@transaction.atomic
def end_suspension(*, membership: Membership, by: User | None, now: datetime) -> None:
    """The hold is over: by its day (`by=None`), or sooner by a coordinator."""
    if by is not None:
        _check_coordinates(by, membership)
    held = Membership.objects.filter(pk=membership.pk, state=State.SUSPENDED)
    if not held.update(state=State.ACTIVE, suspended_until=None):
        return
    scope = membership.community.public_id
    pause_until(person=membership.person, scope=scope, until=None)
    audit.record(
        "membership_suspension_ended",
        membership,
        by=by,
        scope=scope,
        old=State.SUSPENDED,
        new=State.ACTIVE,
    )
    membership.refresh_from_db()
    queue_membership_email("suspension_ended", membership)


@transaction.atomic
def remove_membership(*, membership: Membership, by: User, reason: str, now: datetime) -> None:
    """End it over conduct. The person reads the reason, and to whom they can turn."""
    _check_coordinates(by, membership)
    _check_words(reason)
    person, community = membership.person, membership.community
    end_all_roles(community=community, person=person, now=now, by=by)
    if not end_membership(
        membership=membership,
        state=State.REMOVED,
        reason="conduct",
        by=by,
        now=now,
        only_from=STANDING_STATES,
    ):
        raise ActionError(_("This membership is not current any more. Look at it again."))
    queue_membership_email("removed", membership, words=reason)


def keep_suspensions(*, now: datetime) -> None:
    """End what has reached its day."""
    held = Membership.objects.filter(state=State.SUSPENDED, suspended_until__isnull=False)
    for row in held.select_related("community", "person").order_by("pk"):
        if row.suspended_until <= local_day(row.community, now):
            end_suspension(membership=row, by=None, now=now)


def local_day(community: Community, now: datetime) -> date:
    return now.astimezone(ZoneInfo(community.timezone)).date()


def _check_coordinates(by: User, membership: Membership) -> None:
    if not has_role(by, membership.community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    if by.pk == membership.person_id:
        raise ActionError(_("This is your own membership. Somebody else decides about it."))


def _check_words(reason: str) -> None:
    if not reason.strip():
        raise ActionError(_("Write a few words: the person reads them in the mail."))
