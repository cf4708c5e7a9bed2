from datetime import date, timedelta

import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.organizations import (
    add_site,
    change_site,
    close_organization,
    create_organization,
    flag_duplicates,
    update_organization,
)
from members.models import Evidence, Organization, ReviewTask
from members.queries import known_organizations
from tests.factories import NOW, make_member, make_organization
from tests.members.conftest import apply


@pytest.fixture
def registered(community, criterion, house):
    """A house on the registry, whose evidence falls with its address."""
    type(criterion).objects.update(is_tied_to_address=True)
    return Evidence.objects.create(
        organization=house, criterion=criterion, state="verified", submitted_at=NOW,
        checked_at=NOW, valid_to=date(2027, 3, 31),
    )  # fmt: skip


@pytest.fixture
def site(house, reviewer):
    return add_site(
        organization=house, by=reviewer, now=NOW, name="Main house", city="Powell River",
        address="12 Hidden Cedar Lane", services=["supportive_recovery"],
    )  # fmt: skip


def state_of(evidence):
    return Evidence.objects.get(pk=evidence.pk).state


def test_create_organization_is_known_to_its_community_alone(community, other_community, reviewer):
    made = create_organization(community=community, by=reviewer, now=NOW, name="Tamarack")

    mine = type(community).objects.filter(pk=community.pk)
    assert list(known_organizations(mine)) == [made]
    others = type(community).objects.filter(pk=other_community.pk)
    assert not known_organizations(others).exists()
    event = AuditEvent.objects.get(action="organization_added")
    assert (event.scope, event.actor, event.object_id) == (
        community.public_id, reviewer, made.public_id
    )  # fmt: skip


def test_update_organization_tells_each_community_that_knows_it(
    community, other_community, reviewer, house
):
    for one in (community, other_community):
        make_member(one, organization=house)

    update_organization(organization=house, by=reviewer, now=NOW, name="Moss Stair", phone="")

    house.refresh_from_db()
    assert house.name == "Moss Stair"
    events = AuditEvent.objects.filter(action="organization_changed")
    assert {row.scope for row in events} == {community.public_id, other_community.public_id}
    assert {row.reason for row in events} == {"name"}


def test_update_organization_without_a_change_writes_no_history(reviewer, house):
    update_organization(organization=house, by=reviewer, now=NOW, name=house.name)

    assert not AuditEvent.objects.filter(action="organization_changed").exists()


def test_add_site_takes_region_and_clock_from_the_city(house, reviewer):
    site = add_site(organization=house, by=reviewer, now=NOW, name="North", city="fort st john")

    assert (site.region, site.timezone) == ("northern", "America/Dawson_Creek")
    assert site.address_confidential


def test_add_site_keeps_what_somebody_chose(house, reviewer):
    site = add_site(
        organization=house, by=reviewer, now=NOW, name="East", city="Cranbrook",
        region="northern", timezone="America/Vancouver",
    )  # fmt: skip

    assert (site.region, site.timezone) == ("northern", "America/Vancouver")


def test_add_site_in_an_unknown_town_asks_for_the_region(house, reviewer):
    with pytest.raises(ActionError, match="health region"):
        add_site(organization=house, by=reviewer, now=NOW, name="X", city="Nowhere")


@pytest.mark.parametrize(
    "fields",
    [
        {"address": "9 Other Road"},
        {"operator": "Somebody Else Ltd."},
        {"services": ["withdrawal_management"]},
        {"city": "Sechelt"},
        {"closed_on": date(2026, 11, 1)},
    ],
)
def test_change_site_puts_a_question_mark_on_what_is_tied_to_it(
    community, reviewer, registered, site, fields
):
    change_site(site=site, by=reviewer, now=NOW, **fields)

    assert state_of(registered) == "under_challenge"
    task = ReviewTask.objects.get()
    assert (task.kind, task.evidence, task.community) == ("address_changed", registered, community)
    # Twenty business days from Thursday 26 November, Christmas and Boxing Day aside.
    assert task.due_on == date(2026, 12, 24)
    words = {"evidence_under_challenge", "site_changed", "task_opened"}
    assert words <= set(AuditEvent.objects.values_list("action", flat=True))


@pytest.mark.parametrize(
    "fields",
    [
        {"beds": 12},
        {"name": "The big house"},
        {"address": " 12 hidden  cedar LANE"},
        {"services": ["supportive_recovery"]},
        {"address_confidential": False},
    ],
)
def test_change_site_without_a_move_leaves_the_evidence(reviewer, registered, site, fields):
    change_site(site=site, by=reviewer, now=NOW, **fields)

    assert state_of(registered) == "verified"


def test_change_site_filling_in_the_first_address_is_no_move(reviewer, registered, house):
    site = add_site(organization=house, by=reviewer, now=NOW, name="N", city="Nelson")

    change_site(site=site, by=reviewer, now=NOW, address="1 First Street", services=["other"])

    assert state_of(registered) == "verified"


def test_change_site_leaves_other_houses_and_other_criteria(
    community, criterion, reviewer, house, site
):
    other = add_site(organization=house, by=reviewer, now=NOW, name="B", city="Nelson")
    type(criterion).objects.update(is_tied_to_address=True)
    funded = community.criteria.create(code="PROV", label="Funded", reference_label="Funder")
    rows = [
        Evidence.objects.create(
            organization=house, criterion=kind, site=where, state="verified",
            submitted_at=NOW, checked_at=NOW,
        )
        for kind, where in ((criterion, other), (funded, site))
    ]  # fmt: skip

    change_site(site=site, by=reviewer, now=NOW, address="9 Other Road")

    assert [state_of(row) for row in rows] == ["verified", "verified"]


def test_close_organization_ends_ties_that_day_and_members_go_to_grace(
    community, reviewer, house, registered, site
):
    people = [make_member(community, organization=house) for _ in range(3)]
    day = NOW.date() - timedelta(days=3)

    ended = close_organization(organization=house, by=reviewer, now=NOW, closed_on=day)

    house.refresh_from_db()
    assert ended == 3
    assert (house.status, house.closed_on) == ("closed", day)
    assert house.sites.get().closed_on == day
    for person in people:
        tie, row = person.affiliations.get(), person.memberships.get()
        assert (tie.state, tie.ended_on) == ("ended", day)
        assert (row.state, row.grace_until) == ("grace", day + timedelta(days=90))


def test_close_organization_refuses_days_to_come_and_what_others_rest_on(
    other_community, reviewer, house
):
    with pytest.raises(ActionError, match="still to come"):
        close_organization(
            organization=house, by=reviewer, now=NOW, closed_on=NOW.date() + timedelta(days=1)
        )
    Evidence.objects.create(
        organization=house, criterion=other_community.criteria.get(), submitted_at=NOW
    )
    with pytest.raises(ActionError, match="Another community"):
        close_organization(organization=house, by=reviewer, now=NOW)
    assert Organization.objects.get(pk=house.pk).status == "active"


def test_closed_organization_changes_no_more(reviewer, house):
    close_organization(organization=house, by=reviewer, now=NOW)

    with pytest.raises(ActionError, match="closed"):
        update_organization(organization=house, by=reviewer, now=NOW, name="X")
    with pytest.raises(ActionError, match="closed"):
        close_organization(organization=house, by=reviewer, now=NOW)


def test_flag_duplicates_opens_one_task(community, house):
    proposed = make_organization("Moss Stair recovery house", status="proposed")

    for _ in range(2):
        assert flag_duplicates(organization=proposed, community=community, now=NOW)
    assert not flag_duplicates(
        organization=make_organization("Wholly Other"), community=community, now=NOW
    )

    task = ReviewTask.objects.get()
    assert (task.kind, task.organization) == ("possible_duplicate", proposed)


def test_proposing_a_known_one_in_an_application_opens_a_task(community, newcomer, house):
    application = apply(community, newcomer, proposed_name="Moss Stair recovery house")

    task = ReviewTask.objects.get(kind="possible_duplicate")
    assert task.organization == application.organization != house
