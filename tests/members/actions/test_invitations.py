from datetime import timedelta

import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.invitations import accept_invitation, send_invitation, withdraw_invitation
from members.models import AgreementAcceptance, Invitation, Membership, RoleGrant
from outbox.models import Delivery, Subscription
from tests.factories import (
    NOW,
    make_community,
    make_member,
    make_organization,
    make_person,
    make_staff,
)


@pytest.fixture
def cohort(db):
    return make_community("cohort", admission_policy="invitation", allies_allowed=True)


@pytest.fixture
def priya(cohort):
    return make_staff(cohort, "coordinator", "Priya Lindqvist")


@pytest.fixture
def invited(db):
    return make_person("ʔa Théberge", email="invited@people.example")


def invite(cohort, priya, **changes):
    values = {"email": "Invited@people.example ", "words": "Do come.", "now": NOW} | changes
    return send_invitation(community=cohort, by=priya, **values)


def actions():
    rows = AuditEvent.objects.filter(action__startswith="invitation")
    return list(rows.order_by("pk").values_list("action", flat=True))


def test_send_invitation_writes_one_mail_to_that_address(cohort, priya):
    row = invite(cohort, priya)

    mail = Delivery.objects.get()
    assert (row.email, row.state) == ("invited@people.example", "sent")
    assert (mail.address, mail.kind) == ("invited@people.example", "community_invitation")
    assert "Do come." in mail.text
    assert "/invitation/" in mail.text
    assert "Priya Lindqvist" in mail.text
    assert actions() == ["invitation_sent"]


def test_send_invitation_knows_who_has_an_account(cohort, priya, invited):
    type(invited).objects.filter(pk=invited.pk).update(language="fr")

    invite(cohort, priya)

    mail = Delivery.objects.get()
    assert (mail.person, mail.language) == (invited, "fr")


def test_send_invitation_twice_is_one(cohort, priya):
    invite(cohort, priya)

    with pytest.raises(ActionError, match="is open"):
        invite(cohort, priya)
    assert Invitation.objects.count() == Delivery.objects.count() == 1


def test_send_invitation_after_the_old_one_ended(cohort, priya):
    old = invite(cohort, priya)

    invite(cohort, priya, now=NOW + timedelta(days=32))

    old.refresh_from_db()
    assert old.state == "withdrawn"
    assert Invitation.objects.filter(state="sent").count() == 1


@pytest.mark.parametrize("role", ["reviewer", "facilitator", "editor", "member"])
def test_send_invitation_is_for_coordinators(cohort, role):
    other = make_member(cohort) if role == "member" else make_staff(cohort, role)

    with pytest.raises(ActionError, match="Only a coordinator"):
        invite(cohort, other)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"admission_policy": "criteria"}, "by its form"),
        ({"status": "paused"}, "takes nobody"),
        ({"status": "closing"}, "takes nobody"),
    ],
)
def test_send_invitation_where_it_cannot_be(db, changes, words):
    community = make_community("else", **({"admission_policy": "invitation"} | changes))

    with pytest.raises(ActionError, match=words):
        invite(community, make_staff(community))


def test_send_invitation_to_who_belongs(cohort, priya):
    make_member(cohort, "Here", email="invited@people.example")

    with pytest.raises(ActionError, match="belongs to"):
        invite(cohort, priya)


def test_accept_invitation_makes_a_member(cohort, priya, invited):
    greeter = make_member(cohort, "Gale Greeter")
    RoleGrant.objects.create(
        community=cohort, person=greeter, role="greeter", starts_on=NOW.date() - timedelta(days=9)
    )
    row = invite(cohort, priya)

    membership = accept_invitation(invitation=row, person=invited, now=NOW, lists=["newsletter"])

    row.refresh_from_db()
    assert (membership.category, membership.state) == ("member", "active")
    assert membership.basis == "invitation"
    assert (row.state, row.accepted_by, row.accepted_at) == ("accepted", invited, NOW)
    assert AgreementAcceptance.objects.get().person == invited
    assert Subscription.objects.get(state="subscribed").person == invited
    welcome = Delivery.objects.get(kind="welcome")
    assert "Gale Greeter greets new people here." in welcome.text
    assert actions() == ["invitation_sent", "invitation_accepted"]


def test_accept_invitation_twice_is_one(cohort, priya, invited):
    row = invite(cohort, priya)

    first = accept_invitation(invitation=row, person=invited, now=NOW)
    second = accept_invitation(invitation=row, person=invited, now=NOW)

    assert first == second
    assert Delivery.objects.filter(kind="welcome").count() == 1


def test_accept_invitation_after_leaving_opens_nothing(cohort, priya, invited):
    row = invite(cohort, priya)
    accept_invitation(invitation=row, person=invited, now=NOW)
    Membership.objects.filter(person=invited).update(state="left", ended_on=NOW.date())

    with pytest.raises(ActionError, match="not open any more"):
        accept_invitation(invitation=row, person=invited, now=NOW)


def test_accept_invitation_is_for_whom_it_was_sent_to(cohort, priya, newcomer, invited):
    row = invite(cohort, priya)

    with pytest.raises(ActionError, match="another address"):
        accept_invitation(invitation=row, person=newcomer, now=NOW)
    invited.emailaddress_set.update(verified=False)
    with pytest.raises(ActionError, match="another address"):
        accept_invitation(invitation=row, person=invited, now=NOW)
    assert not Membership.objects.filter(person__in=[newcomer, invited]).exists()


@pytest.mark.parametrize(("days", "fits"), [(30, True), (31, False)])
def test_accept_invitation_until_its_last_day(cohort, priya, invited, days, fits):
    row, later = invite(cohort, priya), NOW + timedelta(days=days)

    if fits:
        accept_invitation(invitation=row, person=invited, now=later)
    else:
        with pytest.raises(ActionError, match="not open any more"):
            accept_invitation(invitation=row, person=invited, now=later)


@pytest.mark.parametrize("allies", [True, False])
def test_accept_invitation_from_behind_the_wall(cohort, priya, invited, allies):
    type(cohort).objects.filter(pk=cohort.pk).update(allies_allowed=allies)
    fund = make_organization("Fund", kind="funder", is_regulator_or_funder=True)
    invited.affiliations.create(organization=fund, state="confirmed")
    row = invite(cohort, priya)

    if allies:
        assert accept_invitation(invitation=row, person=invited, now=NOW).category == "ally"
    else:
        with pytest.raises(ActionError, match="cannot be members"):
            accept_invitation(invitation=row, person=invited, now=NOW)


def test_withdraw_invitation(cohort, priya, invited):
    row = invite(cohort, priya)

    withdraw_invitation(invitation=row, by=priya, now=NOW)

    with pytest.raises(ActionError, match="not open any more"):
        accept_invitation(invitation=row, person=invited, now=NOW)
    with pytest.raises(ActionError, match="not open any more"):
        withdraw_invitation(invitation=row, by=priya, now=NOW)
    with pytest.raises(ActionError, match="Only a coordinator"):
        withdraw_invitation(invitation=row, by=invited, now=NOW)
    assert actions() == ["invitation_sent", "invitation_withdrawn"]
