from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.access import has_role
from members.actions import end_role, grant_role, leave_community
from members.actions.roles import keep_roles
from members.models import Community, RoleGrant, User
from tests.factories import NOW, make_person, make_staff


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


def test_a_role_that_begins_later_gives_nothing_today(community, priya, dani):
    now = timezone.now()
    day = now.date() + timedelta(days=3)
    grant = grant_role(
        community=community, person=dani, role="reviewer", by=priya, now=now, starts_on=day
    )

    assert not has_role(dani, community, "reviewer")
    assert not is_staff(dani)
    keep_roles(now=now)
    assert not is_staff(dani)
    keep_roles(now=now + timedelta(days=3))
    assert is_staff(dani)
    end_role(grant=grant, by=priya, now=now)
    assert not RoleGrant.objects.filter(person=dani).exists()


def test_a_role_that_ended_yesterday_gives_nothing(community, priya, dani):
    now = timezone.now()
    day = now.date()
    grant_role(community=community, person=dani, role="reviewer", by=priya, now=now, ends_on=day)
    assert has_role(dani, community, "reviewer")

    RoleGrant.objects.filter(person=dani).update(
        starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=1)
    )
    keep_roles(now=now)
    assert not has_role(dani, community, "reviewer")
    assert not is_staff(dani)
    assert not Community.objects.staffed_by(dani).exists()


@pytest.mark.parametrize(
    ("first", "last", "words"), [(-1, None, "first day"), (0, -1, "last day"), (5, 3, "before")]
)
def test_grant_role_refuses_days_that_make_no_sense(community, priya, dani, first, last, words):
    day = NOW.date()
    ends_on = None if last is None else day + timedelta(days=last)
    with pytest.raises(ActionError, match=words):
        grant_role(
            community=community, person=dani, role="greeter", by=priya, now=NOW,
            starts_on=day + timedelta(days=first), ends_on=ends_on,
        )  # fmt: skip


def test_grant_role_twice_in_a_time_is_refused_one_after_the_other_is_not(community, priya, dani):
    day = NOW.date()
    facts = {"community": community, "person": dani, "role": "greeter", "by": priya, "now": NOW}
    grant_role(ends_on=day + timedelta(days=5), **facts)
    with pytest.raises(ActionError, match="already"):
        grant_role(starts_on=day + timedelta(days=5), **facts)
    grant_role(starts_on=day + timedelta(days=6), **facts)


def test_somebody_always_coordinates(community, priya, dani):
    day = NOW.date()
    end_of_may = {"ends_on": day + timedelta(days=90)}
    facts = {"community": community, "role": "coordinator", "by": priya, "now": NOW}
    grant_role(person=dani, **facts, **end_of_may)
    with pytest.raises(ActionError, match="only up to a day"):
        end_role(grant=RoleGrant.objects.get(person=priya), by=priya, now=NOW)

    RoleGrant.objects.filter(person=priya).update(ends_on=day + timedelta(days=2))
    with pytest.raises(ActionError, match="Nobody would coordinate"):
        grant_role(person=make_person("Third"), **facts, **end_of_may)


def test_leaving_takes_roles_that_have_not_begun(community, priya, dani):
    grant_role(
        community=community, person=dani, role="reviewer", by=priya, now=NOW,
        starts_on=NOW.date() + timedelta(days=3),
    )  # fmt: skip
    leave_community(membership=dani.memberships.get(), now=NOW)
    assert not RoleGrant.objects.filter(person=dani).exists()


def test_one_person_has_other_roles_in_another_community(
    community, other_community, priya, outsider, dani
):
    now = timezone.now()
    grant_role(community=community, person=dani, role="librarian", by=priya, now=now)
    grant_role(community=other_community, person=dani, role="reviewer", by=outsider, now=now)

    assert has_role(dani, community, "librarian")
    assert not has_role(dani, community, "reviewer")
    assert list(Community.objects.staffed_by(dani, "reviewer")) == [other_community]
