from datetime import date, timedelta

import pytest

from members.models import Affiliation, Evidence, Organization
from members.queries import (
    category_after_approval,
    organization_is_eligible,
    similar_organizations,
)
from tests.factories import NOW, make_community, make_organization

TODAY = date(2026, 11, 26)


def make_evidence(house, criterion, **fields):
    values = {"state": "verified", "submitted_at": NOW, "checked_at": NOW} | fields
    return Evidence.objects.create(organization=house, criterion=criterion, **values)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"state": "under_challenge"}, True),
        ({"state": "submitted"}, False),
        ({"state": "rejected"}, False),
        ({"state": "expired"}, False),
        ({"valid_to": TODAY}, True),
        ({"valid_to": TODAY - timedelta(days=1)}, False),
        ({"valid_from": TODAY + timedelta(days=1)}, False),
    ],
)
def test_organization_is_eligible_follows_state_and_dates(
    house, criterion, community, fields, expected
):
    make_evidence(house, criterion, **fields)

    assert organization_is_eligible(house, community, TODAY) is expected


def test_organization_is_eligible_asks_for_an_active_criterion_of_this_community(
    house, criterion, community
):
    make_evidence(house, criterion)

    assert not organization_is_eligible(house, make_community("elsewhere"), TODAY)
    criterion.is_active = False
    criterion.save(update_fields=["is_active"])
    assert not organization_is_eligible(house, community, TODAY)


def test_category_after_approval_is_ally_behind_the_wall(application, criterion, house, newcomer):
    make_evidence(house, criterion)
    assert category_after_approval(application, TODAY) == "member"

    fund = make_organization("Coast Fund", is_regulator_or_funder=True)
    Affiliation.objects.create(person=newcomer, organization=fund)

    assert category_after_approval(application, TODAY) == "ally"


@pytest.mark.django_db
def test_suggest_folds_accents_and_finds_each_word():
    make_organization("Maison Théberge du Nord")
    make_organization("Cedar 100% Lantern")

    def names(words):
        return [row.name for row in Organization.objects.suggest(words)]

    assert names("theb") == ["Maison Théberge du Nord"]
    assert names("nord THÉB") == ["Maison Théberge du Nord"]
    assert names("%") == ["Cedar 100% Lantern"]
    assert names("_") == []


@pytest.mark.django_db
def test_suggest_leaves_out_what_is_only_proposed():
    make_organization("Ghost House", status="proposed")

    assert not Organization.objects.suggest("ghost").exists()


def test_similar_organizations_finds_near_names(house):
    twin = make_organization("Moss Stairs Recovery House")
    make_organization("Gravel Bar")

    assert list(similar_organizations(house)) == [twin]
