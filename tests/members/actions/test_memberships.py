import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions import leave_community
from members.models import Membership, RoleGrant
from outbox.actions import find_mailing_list, update_subscriptions
from outbox.models import Delivery, Subscription
from tests.factories import NOW, make_staff


def test_leave_community_stops_everything_at_once(community, dani):
    scope = community.public_id
    update_subscriptions(person=dani, scope=scope, kinds={"newsletter"}, source="test", now=NOW)
    Delivery.objects.create(
        key="k", purpose="reminder", kind="day_before", priority=2, person=dani, scope=scope,
        due_at=NOW, mailing_list=find_mailing_list(scope, "newsletter"),
    )  # fmt: skip
    RoleGrant.objects.create(
        community=community, person=dani, role="greeter", starts_on="2026-04-01"
    )
    membership = dani.memberships.get()

    leave_community(membership=membership, now=NOW)
    leave_community(membership=membership, now=NOW)

    membership.refresh_from_db()
    assert (membership.state, str(membership.ended_on)) == ("left", "2026-11-26")
    assert Subscription.objects.get().state == "unsubscribed"
    assert Delivery.objects.get().state in {"cancelled", "skipped"}
    assert RoleGrant.objects.get(person=dani).ends_on is not None
    assert AuditEvent.objects.filter(action="membership_left").count() == 1


def test_leave_community_keeps_the_only_coordinator(community, priya):
    membership = Membership.objects.create(
        community=community, person=priya, joined_on="2026-04-01"
    )

    with pytest.raises(ActionError, match="only coordinator"):
        leave_community(membership=membership, now=NOW)

    membership.refresh_from_db()
    assert membership.state == "active"
    make_staff(community, "coordinator", "Second")
    leave_community(membership=membership, now=NOW)
