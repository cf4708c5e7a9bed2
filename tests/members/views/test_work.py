"""Where one works: told, changed, ended by oneself; a new place that knows one ends grace (A4)."""

from datetime import date

import pytest

from members.models import Affiliation, Evidence, Membership
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW, make_member, make_organization, make_person

PAGE = "/me/work/"


@pytest.fixture
def houses(community):
    found = [make_organization("Cedar Lantern", city="Surrey"), make_organization("Salt Heron")]
    for house in found:
        Evidence.objects.create(
            organization=house, criterion=community.criteria.get(), state="verified",
            submitted_at=NOW, checked_at=NOW, valid_to=date(2028, 3, 31),
        )  # fmt: skip
    return found


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("path", ["", "add/", "add/?q=ceda"])
def test_work_pages_are_one_s_own(request, sign_in, community, houses, who, path):
    make_member(community, "Other Ola", organization=houses[1])
    response = sign_in(request.getfixturevalue(who)).get(PAGE + path)
    assert response.status_code == (302 if who == "visitor" else 200)
    if who != "visitor":
        assert "Salt Heron" not in response.content.decode()


def test_leaving_a_house_and_telling_the_next_one(sign_in, community, houses):
    old, new = houses
    person = make_member(community, "Dani", organization=old)
    contact = make_person("Joan")
    Affiliation.objects.create(person=contact, organization=new, state="confirmed", is_contact=True)
    client = sign_in(person)
    tie = person.affiliations.get()
    assert "90 days" in client.get(f"{PAGE}{tie.public_id}/left/").content.decode()

    client.post(f"{PAGE}{tie.public_id}/left/")

    membership = Membership.objects.get(person=person)
    assert membership.state == "grace"
    page = client.get(PAGE).content.decode()
    assert "is kept until" in page
    assert new.name in client.get(f"{PAGE}add/", {"q": "salt"}).content.decode()
    client.post(f"{PAGE}add/?org={new.public_id}", {"role_group": "front_line"})
    assert Delivery.objects.filter(kind="affiliation_check", person=contact).exists()
    assert "Waits for their yes." in client.get(PAGE).content.decode()

    tie = person.affiliations.get(organization=new)
    sign_in(contact)
    from members.actions.affiliations import confirm_affiliation

    confirm_affiliation(affiliation=tie, by=contact, method="org_contact", now=NOW)
    membership.refresh_from_db()
    assert (membership.state, membership.grace_until) == ("active", None)


def test_nobody_ends_the_tie_of_another(sign_in, community, houses, dani):
    other = make_member(community, "Other Ola", organization=houses[0])
    tie = other.affiliations.get()
    for path in ("left/", "main/"):
        assert sign_in(dani).post(f"{PAGE}{tie.public_id}/{path}").status_code == 404
    tie.refresh_from_db()
    assert tie.state == "confirmed"


def test_one_main_place(sign_in, community, houses):
    person = make_member(community, "Dani", organization=houses[0])
    second = Affiliation.objects.create(
        person=person, organization=houses[1], state="confirmed", is_primary=False
    )
    sign_in(person).post(f"{PAGE}{second.public_id}/main/")
    assert person.affiliations.filter(is_primary=True).get() == second


@pytest.mark.parametrize("who", ["dani", "ally", "funder", "priya"])
def test_home_links_to_parts_that_are_in_use_and_open(request, sign_in, community, who):
    from members.models import Stream

    person = request.getfixturevalue(who)
    page = sign_in(person).get("/every-door/").content.decode()
    assert "/every-door/directory/" not in page
    Stream.objects.create(
        community=community, kind="share", name="Share", features=["directory", "mentorship"]
    )
    page = sign_in(person).get("/every-door/").content.decode()
    assert ("/every-door/directory/" in page) == (who in {"dani", "priya"})
    assert ("/every-door/mentorship/" in page) == (who == "dani")
