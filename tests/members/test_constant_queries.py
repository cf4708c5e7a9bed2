"""The long lists ask the database as often for one row as for more than a page of them.

Others have theirs beside them: tests/members/admin/test_lists.py (more lists of the desk),
views/test_directory.py (page by page). What they cost at full size: `make bench ARGS=members`.
"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.actions.directory import save_profile
from members.models import Affiliation, Community, Evidence, User
from tests.factories import NOW, make_member, make_organization, make_person
from tests.members.conftest import apply

MANY = 27
PLACES = {
    "review queue": ("priya", "/desk/members/membershipapplication/", 6),
    "review queue, search": ("priya", "/desk/members/membershipapplication/?q=theberge", 6),
    "member list": ("priya", "/desk/members/membership/", 6),
    "member list, search": ("priya", "/desk/members/membership/?q=theberge", 6),
    "member list, in grace": ("priya", "/desk/members/membership/?state__exact=grace", 6),
    "organization list": ("priya", "/desk/members/organization/", 6),
    "organization list, search": ("priya", "/desk/members/organization/?q=theberge", 6),
    "evidence list": ("priya", "/desk/members/evidence/", 6),
    "directory": ("dani", "/every-door/directory/", 9),
    "directory, search": ("dani", "/every-door/directory/?q=theberge", 9),
    "directory, ʔa": ("dani", "/every-door/directory/?q=ʔa", 9),
    "community page": ("dani", "/every-door/", 16),
}


def add_row(community: Community, number: int) -> None:
    """One more of everything: a house with its paper, a member who is listed, an applicant."""
    house = make_organization(f"Maison Théberge {number}", city="Montréal")
    house.sites.create(name=house.name, city="Creston", region="interior")
    Evidence.objects.create(
        organization=house, criterion=community.criteria.get(), state="verified",
        submitted_at=NOW, checked_at=NOW,
    )  # fmt: skip
    person = make_member(community, f"ʔakisq̓nuk Théberge {number}", organization=house)
    save_profile(
        person=person, community=community, now=NOW, is_listed=True, shows_role=True,
        shows_organization=True, shows_region=True, takes_messages=True, languages=["français"],
    )  # fmt: skip
    apply(community, make_person(f"Zoë Théberge {number}"), organization=house)
    Affiliation.objects.filter(person=person).update(is_contact=True)


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    assert response.status_code == 200
    return len(captured)


@pytest.mark.parametrize("place", PLACES)
def test_a_list_asks_as_often_for_one_row_as_for_many(
    request: Any, sign_in: Any, community: Community, dani: User, priya: User, place: str
) -> None:
    who, path, most = PLACES[place]
    client = sign_in(request.getfixturevalue(who))
    add_row(community, 0)
    client.get(path)
    before = queries(client, path)
    for number in range(1, MANY):
        add_row(community, number)

    assert queries(client, path) <= before <= most


def test_theberge_and_glottal_stop_find_their_people(
    sign_in: Any, community: Community, dani: User, priya: User
) -> None:
    """The searches that are measured do find something."""
    add_row(community, 0)
    make_member(community, "Somebody Else")

    for path in ("/every-door/directory/?q=theberge", "/every-door/directory/?q=ʔa"):
        assert "ʔakisq̓nuk Théberge 0" in sign_in(dani).get(path).content.decode()
    found = sign_in(priya).get("/desk/members/membership/?q=theberge").content.decode()
    assert "ʔakisq̓nuk Théberge 0" in found
    assert "Somebody Else" not in found
