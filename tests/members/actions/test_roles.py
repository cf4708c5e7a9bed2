from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.access import has_role
from members.actions import end_role, grant_role
from members.models import RoleGrant, User
from tests.factories import NOW, make_staff


def is_staff(person):
    return User.objects.get(pk=person.pk).is_staff


def test_grant_role_opens_the_desk_and_ending_closes_it(community, priya, dani):
    now = timezone.now()
    grant = grant_role(community=community, person=dani, role="reviewer", by=priya, now=now)
    assert is_staff(dani)
    assert has_role(dani, community, "reviewer")

    end_role(grant=grant, by=priya, now=now)

    assert not is_staff(dani)
    assert not has_role(dani, community, "reviewer")
    assert AuditEvent.objects.filter(action__in=["role_granted", "role_ended"]).count() == 2


def test_grant_role_among_members_opens_no_desk(community, priya, dani):
    grant_role(community=community, person=dani, role="greeter", by=priya, now=NOW)

    assert not is_staff(dani)


def test_grant_role_twice_is_refused(community, priya, dani):
    grant_role(community=community, person=dani, role="greeter", by=priya, now=NOW)
    with pytest.raises(ActionError, match="already"):
        grant_role(community=community, person=dani, role="greeter", by=priya, now=NOW)


@pytest.mark.parametrize("who", ["dani", "outsider", "reviewer"])
def test_grant_role_is_for_coordinators_of_this_community(request, community, newcomer, who):
    by = request.getfixturevalue(who)

    with pytest.raises(ActionError, match="Only a coordinator"):
        grant_role(community=community, person=newcomer, role="greeter", by=by, now=NOW)


def test_grant_role_behind_the_wall_only_the_totals(community, priya, funder):
    with pytest.raises(ActionError, match="funder or regulator"):
        grant_role(community=community, person=funder, role="librarian", by=priya, now=NOW)

    grant_role(community=community, person=funder, role="evaluator", by=priya, now=NOW)


def test_grant_role_refuses_a_last_day_in_the_past(community, priya, dani):
    day = NOW.date() - timedelta(days=1)
    with pytest.raises(ActionError, match="past"):
        grant_role(community=community, person=dani, role="greeter", by=priya, now=NOW, ends_on=day)


def test_end_role_keeps_the_last_coordinator(community, priya):
    grant = RoleGrant.objects.get(person=priya)
    with pytest.raises(ActionError, match="only coordinator"):
        end_role(grant=grant, by=priya, now=NOW)

    make_staff(community, "coordinator", "Second")
    end_role(grant=grant, by=priya, now=NOW)
    assert not is_staff(priya)


def test_end_role_of_another_community_is_refused(outsider, priya):
    with pytest.raises(ActionError):
        end_role(grant=RoleGrant.objects.get(person=priya), by=outsider, now=NOW)


def test_a_role_that_ended_on_its_first_day_leaves_only_history(community, priya, dani):
    grant = grant_role(community=community, person=dani, role="greeter", by=priya, now=NOW)
    end_role(grant=grant, by=priya, now=NOW)
    assert not RoleGrant.objects.filter(person=dani).exists()

    grant = grant_role(community=community, person=dani, role="greeter", by=priya, now=NOW)
    end_role(grant=grant, by=priya, now=NOW + timedelta(days=2))
    row = RoleGrant.objects.get(person=dani)
    assert row.ends_on == row.starts_on + timedelta(days=1)
