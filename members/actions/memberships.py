from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.roles import end_all_roles
from members.models import Community, Membership, User
from outbox.actions import withdraw_all


def make_membership(
    *, community: Community, person: User, category: str, by: User | None, now: datetime
) -> Membership:
    """Give somebody their standing. A current one takes over the category."""
    current = (
        Membership.objects.select_for_update()
        .filter(community=community, person=person, state__in=["active", "grace", "suspended"])
        .first()
    )
    if current is not None and current.state == Membership.State.SUSPENDED:
        raise ActionError(_("This membership is suspended. End the suspension first."))
    if current is None:
        current = Membership.objects.create(
            community=community,
            person=person,
            category=category,
            joined_on=now.astimezone(ZoneInfo(community.timezone)).date(),
        )
    else:
        Membership.objects.filter(pk=current.pk).update(category=category, state="active")
        current.refresh_from_db()
    audit.record("membership_began", current, by=by, scope=community.public_id, new=category)
    return current


@transaction.atomic
def leave_community(*, membership: Membership, now: datetime) -> None:
    """Leave by one's own choice: no reason asked, and all mail stops at once (MB3)."""
    community, person = membership.community, membership.person
    end_all_roles(community=community, person=person, now=now)
    current = Membership.objects.filter(pk=membership.pk, state__in=Membership.CURRENT_STATES)
    today = now.astimezone(ZoneInfo(community.timezone)).date()
    left = Membership.State.LEFT
    if not current.update(state=left, ended_on=today, end_reason="left by own choice"):
        return
    withdraw_all(person=person, scope=community.public_id, source="left the community", now=now)
    audit.record(
        "membership_left",
        membership,
        by=person,
        scope=community.public_id,
        old=membership.state,
        new=left,
    )
