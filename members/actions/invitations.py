"""Invitations to a community that takes people by invitation: sent, taken back, accepted."""

from collections.abc import Collection
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role
from members.actions.joining import accept_agreement
from members.actions.memberships import local_day, make_membership
from members.emails.invitations import queue_invitation, queue_invited_welcome
from members.models import Community, Invitation, Membership, User
from outbox.actions import update_subscriptions

State = Invitation.State
OPEN_FOR = timedelta(days=30)


def send_invitation(
    *,
    community: Community,
    email: str,
    by: User,
    now: datetime,
    category: str = Membership.Category.MEMBER,
    words: str = "",
) -> Invitation:
    """One mail to one address, open for thirty days. What is too old makes room for a new one."""
    _check_invites(by, community)
    _check_open(community)
    email = email.strip().lower()
    if category == Membership.Category.ALLY and not community.allies_allowed:
        raise ActionError(_("%(community)s takes no allies.") % {"community": community})
    if community.memberships.filter(
        person__in=_people_of(email), state__in=[*Membership.CURRENT_STATES, "suspended"]
    ).exists():
        raise ActionError(_("This person belongs to %(community)s.") % {"community": community})
    today = local_day(community, now)
    try:
        with transaction.atomic():
            _close_old(community, email, by=by, now=now)
            invitation = Invitation.objects.create(
                community=community,
                email=email,
                category=category,
                words=words.strip(),
                invited_by=by,
                sent_at=now,
                expires_on=today + OPEN_FOR,
            )
            scope = community.public_id
            audit.record("invitation_sent", invitation, by=by, scope=scope, new=category)
            queue_invitation(invitation)
            return invitation
    except IntegrityError as error:
        if "invitation_one_open" not in str(error):
            raise
        raise ActionError(
            _("An invitation to this address is open. Take it back before you send another one.")
        ) from error


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User, now: datetime) -> None:
    """From now on its link opens nothing."""
    _check_invites(by, invitation.community)
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if row.state != State.SENT:
        raise ActionError(_("This invitation is not open any more."))
    _withdraw(row, by=by)


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, person: User, now: datetime, lists: Collection[str] = ()
) -> Membership:
    """Belong from now on. A second tap finds it done. Raises ActionError with what to do instead.

    The tick at the ground rules stands for the newest version of them.
    """
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    community = row.community
    if row.state == State.ACCEPTED and row.accepted_by_id == person.pk:
        current = community.memberships.filter(person=person, state__in=Membership.CURRENT_STATES)
        if found := current.first():
            return found
    if not is_open(row, now=now):
        raise ActionError(_("This invitation is not open any more. Ask for a new one."))
    _check_open(community)
    if not is_for(row, person):
        raise ActionError(
            _("This invitation went to another address. Sign in with that one, or ask for another.")
        )
    membership = make_membership(
        community=community,
        person=person,
        category=_category(row, person),
        by=row.invited_by,
        now=now,
        basis=Membership.Basis.INVITATION,
    )
    Invitation.objects.filter(pk=row.pk).update(
        state=State.ACCEPTED, accepted_by=person, accepted_at=now
    )
    scope = community.public_id
    audit.record("invitation_accepted", row, by=person, scope=scope, old=State.SENT)
    agreement = community.agreements.order_by("-version").first()
    if agreement is not None:
        accept_agreement(person=person, agreement=agreement, now=now)
    update_subscriptions(person=person, scope=scope, kinds=set(lists), source="invitation", now=now)
    queue_invited_welcome(membership, row)
    return membership


def is_open(invitation: Invitation, *, now: datetime) -> bool:
    """Asked by the page and by the act; the last day counts in whole."""
    today = local_day(invitation.community, now)
    return invitation.state == State.SENT and invitation.expires_on >= today


def is_for(invitation: Invitation, person: User) -> bool:
    """A mail may be passed on; the place is for whom it was sent to."""
    return person in _people_of(invitation.email)


def _people_of(email: str) -> set[User]:
    """Whoever has shown that this address is theirs."""
    rows = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user")
    return {row.user for row in rows}


def _category(invitation: Invitation, person: User) -> str:
    """People of a funder or regulator come as allies at most (P4)."""
    walled = User.objects.get(pk=person.pk).is_walled()
    if invitation.category == Membership.Category.MEMBER and walled:
        if not invitation.community.allies_allowed:
            raise ActionError(
                _("People of a funder or regulator cannot be members. Please write to us.")
            )
        return Membership.Category.ALLY
    return invitation.category


def _check_invites(by: User, community: Community) -> None:
    if not has_role(by, community, "coordinator"):
        raise ActionError(_("Only a coordinator invites people."))


def _check_open(community: Community) -> None:
    if community.admission_policy != Community.Admission.INVITATION:
        raise ActionError(
            _("People join %(community)s by its form, not by invitation.")
            % {"community": community}
        )
    if community.status not in {Community.Status.PLANNING, Community.Status.OPEN}:
        raise ActionError(_("%(community)s takes nobody in now.") % {"community": community})


def _close_old(community: Community, email: str, *, by: User, now: datetime) -> None:
    old = community.invitations.filter(
        email=email, state=State.SENT, expires_on__lt=local_day(community, now)
    )
    for row in old.select_for_update():
        _withdraw(row, by=by)


def _withdraw(row: Invitation, *, by: User) -> None:
    Invitation.objects.filter(pk=row.pk).update(state=State.WITHDRAWN)
    audit.record(
        "invitation_withdrawn",
        row,
        by=by,
        scope=row.community.public_id,
        old=State.SENT,
        new=State.WITHDRAWN,
    )
