"""One voice for each organization, where a community votes by organizations (MB1)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role
from members.models import Affiliation, Community, Membership, Organization, User


@transaction.atomic
def set_delegate(
    *, membership: Membership, organization: Organization | None, by: User, now: datetime
) -> None:
    """Who speaks for an organization in votes. Its delegate until now stops; None: for nobody."""
    community, scope = membership.community, membership.community.public_id
    if not has_role(by, community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    if organization is not None:
        _check(membership, organization)
        before = community.memberships.filter(delegate_for=organization)
        for row in before.exclude(pk=membership.pk).order_by("pk"):
            Membership.objects.filter(pk=row.pk).update(delegate_for=None)
            audit.record("delegate_ended", row, by=by, scope=scope)
    Membership.objects.filter(pk=membership.pk).update(delegate_for=organization)
    action = "delegate_set" if organization else "delegate_ended"
    audit.record(action, membership, by=by, scope=scope)


def _check(membership: Membership, organization: Organization) -> None:
    current = Membership.objects.filter(
        pk=membership.pk,
        state__in=Membership.CURRENT_STATES,
        category=Membership.Category.MEMBER,
    )
    if not current.exists() or membership.person.is_walled():
        raise ActionError(_("Only a member with a current membership votes."))
    ties = membership.person.affiliations.filter(organization=organization)
    if not ties.filter(state=Affiliation.State.CONFIRMED).exists():
        raise ActionError(_("The organization has not confirmed that they work there."))
