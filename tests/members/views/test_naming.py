"""May the newsletter name our organization? Only those who speak for it say so (O1, CO1)."""

import pytest
from django.urls import reverse

from members.models import Affiliation, PersonalConsent
from members.queries.naming import may_be_named
from tests.factories import make_member, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(community):
    house = make_organization("Əlder House")
    person = make_member(community, "Contact", organization=house)
    Affiliation.objects.filter(person=person).update(state="confirmed", is_contact=True)
    return person, house


def say(client, house, community, answer):
    url = reverse("organization_named", args=[house.public_id, community.slug])
    return client.post(url, {"answer": answer})


def test_a_contact_says_yes_and_takes_it_back(contact, community, sign_in):
    person, house = contact
    client = sign_in(person)
    page = reverse("my_organization", args=[house.public_id])
    assert "Does not name you" in client.get(page).content.decode()

    say(client, house, community, "yes")
    say(client, house, community, "yes")
    assert list(may_be_named(community)) == [house]
    assert "May name you" in client.get(page).content.decode()
    say(client, house, community, "no")

    assert not may_be_named(community).exists()
    rows = PersonalConsent.objects.order_by("pk").values_list("given", "source")
    assert list(rows) == [(True, "contact"), (False, "contact")]


def test_nobody_else_says_it_for_them(contact, community, dani, sign_in):
    _person, house = contact
    assert say(sign_in(dani), house, community, "yes").status_code == 404
    assert not PersonalConsent.objects.exists()


def test_only_where_people_of_it_belong(contact, other_community, sign_in):
    person, house = contact
    body = say(sign_in(person), house, other_community, "yes")
    assert body.status_code == 302
    assert not PersonalConsent.objects.exists()


def test_it_asks_nobody_to_renew_it(contact, community, sign_in):
    """The host of the community is another thing than the organization that is named (PA1)."""
    from members.queries.consents import consents_to_renew

    person, house = contact
    say(sign_in(person), house, community, "yes")
    assert consents_to_renew(person) == []
