import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions import leave_community
from members.actions.memberships import make_membership
from members.models import Affiliation, Membership, RoleGrant
from outbox.actions import find_mailing_list, update_subscriptions
from outbox.models import Delivery, Subscription
from tests.factories import NOW, make_organization, make_person, make_staff


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


@pytest.mark.parametrize("category", ["ally", "guest"])
def test_people_of_a_funder_are_allies_or_guests_and_never_members(community, priya, category):
    fund = make_organization("Coast Fund", is_regulator_or_funder=True)
    person = make_person("Beth Kowalchuk")
    Affiliation.objects.create(person=person, organization=fund)
    facts = {"community": community, "person": person, "by": priya, "now": NOW}

    with pytest.raises(ActionError, match="funder or regulator"):
        make_membership(category="member", **facts)
    assert make_membership(category=category, **facts).category == category


def test_somebody_who_runs_a_service_and_funds_others_is_behind_the_wall(community, priya):
    """The wall follows the person's ties, not the brand (O7)."""
    person = make_person("Both Beth")
    service = make_organization("X Health: withdrawal management")
    contracts = make_organization("X Health: contracts", is_regulator_or_funder=True)
    Affiliation.objects.create(person=person, organization=service, state="confirmed")
    tie = Affiliation.objects.create(person=person, organization=contracts, state="confirmed")
    facts = {"community": community, "person": person, "by": priya, "now": NOW}

    with pytest.raises(ActionError, match="funder or regulator"):
        make_membership(category="member", **facts)
    Affiliation.objects.filter(pk=tie.pk).update(state="ended", ended_on="2026-05-01")
    assert make_membership(category="member", **facts).category == "member"
