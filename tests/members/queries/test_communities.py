"""What the frame of a page knows in one question says the same as the rules that decide."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from members.access import has_role, may_see_audience
from members.models import Affiliation, Community, RoleGrant
from members.queries.communities import finds_members, holds_here, with_features, with_standing
from tests.conftest import CAST
from tests.factories import make_member, make_organization, make_staff

ROLES = RoleGrant.Role.values


def read(community, person):
    rows = with_standing(with_features(Community.objects.public()), person)
    return rows.get(pk=community.pk)


@pytest.mark.parametrize("who", CAST)
def test_the_frame_knows_what_the_rules_say(request, community, other_community, who):
    person = request.getfixturevalue(who)

    for place in (community, other_community):
        known = read(place, person)
        assert finds_members(known, person) == may_see_audience(person, place, "members")
        if who != "admin":
            held = [role for role in ROLES if holds_here(known, role)]
            assert held == [role for role in ROLES if has_role(person, place, role)]


@pytest.mark.parametrize("role", ROLES)
def test_the_frame_knows_every_role(community, role):
    person = make_staff(community, role)

    known = read(community, person)

    assert holds_here(known, role)
    assert finds_members(known, person) == may_see_audience(person, community, "members")


@pytest.mark.parametrize("state", ["active", "grace", "lapsed", "left", "removed"])
@pytest.mark.parametrize("category", ["member", "ally", "guest"])
def test_the_frame_knows_every_standing(community, state, category):
    person = make_member(community, "Zoë ʔa", state=state, category=category)

    known = read(community, person)

    assert finds_members(known, person) == may_see_audience(person, community, "members")


@pytest.mark.parametrize("days", [(-9, -1), (-9, 0), (0, None), (1, None)])
def test_the_frame_knows_the_days_of_a_role(community, newcomer, days):
    today = timezone.now().date()
    first, last = (None if one is None else today + timedelta(days=one) for one in days)
    RoleGrant.objects.create(
        community=community, person=newcomer, role="librarian", starts_on=first, ends_on=last
    )

    assert holds_here(read(community, newcomer), "librarian") == has_role(
        newcomer, community, "librarian"
    )


def test_the_frame_knows_the_wall_and_its_end(community, dani):
    fund = make_organization("Fund", is_regulator_or_funder=True)
    tie = Affiliation.objects.create(person=dani, organization=fund)
    assert not finds_members(read(community, dani), dani)

    Affiliation.objects.filter(pk=tie.pk).update(state="ended", ended_on=date(2026, 5, 1))
    assert finds_members(read(community, dani), dani)


def test_the_frame_costs_one_question(community, dani, django_assert_num_queries):
    with django_assert_num_queries(1):
        finds_members(read(community, dani), dani)
