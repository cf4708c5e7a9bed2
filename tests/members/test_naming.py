"""Whether an organization may be named in the newsletter: its own word, and nobody else's."""

import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.merging import merge_organizations
from members.actions.naming import OWN_PAGE, TOLD_THE_TEAM, say_organization_named
from members.models import Affiliation, Organization, Partner, PersonalConsent
from members.queries.consents import consents_to_renew, people_to_ask
from members.queries.naming import nameable_organizations, nameable_pairs
from tests.conftest import CAST
from tests.factories import NOW, make_member, make_organization, make_person, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(community):
    return make_organization("ʔa Maison & Co_op")


@pytest.fixture
def contact(community, house):
    person = make_member(community, "Joan Contact", organization=house)
    person.affiliations.update(is_contact=True)
    return person


def say(house, community, person, given=True, **fields):
    values = {"source": OWN_PAGE, "now": NOW} | fields
    return say_organization_named(
        organization=house, community=community, person=person, given=given, **values
    )


def named(community):
    return [one.name for one in nameable_organizations(community)]


def test_the_latest_word_counts(community, other_community, house, contact):
    assert named(community) == []
    assert say(house, community, contact)
    assert named(community) == ["ʔa Maison & Co_op"]
    assert named(other_community) == []

    assert say(house, community, contact, given=False)
    assert named(community) == []
    assert PersonalConsent.objects.count() == 2
    events = AuditEvent.objects.filter(object_id=house.public_id).order_by("pk")
    assert [event.action for event in events] == [
        "organization_naming_given", "organization_naming_ended",
    ]  # fmt: skip


def test_saying_the_same_again_writes_nothing(community, house, contact):
    assert [say(house, community, contact) for _ in range(3)] == [True, False, False]
    assert PersonalConsent.objects.count() == 1


def test_a_no_that_nobody_asked_for_is_kept(community, house, contact):
    assert say(house, community, contact, given=False)
    assert named(community) == []


@pytest.mark.parametrize("who", [one for one in CAST if one != "visitor"])
def test_nobody_but_a_contact_says_it(request, community, house, contact, who):
    with pytest.raises(ActionError):
        say(house, community, request.getfixturevalue(who))


def test_a_coordinator_notes_down_what_they_were_told(community, house, contact, priya, dani):
    how = {"source": TOLD_THE_TEAM, "how": "Their manager, by phone"}
    with pytest.raises(ActionError, match="how"):
        say(house, community, priya, source=TOLD_THE_TEAM, how="  ")
    with pytest.raises(ActionError):
        say(house, community, dani, **how)
    with pytest.raises(ActionError):
        say(house, community, make_staff(community, "editor"), **how)

    assert say(house, community, priya, **how)
    assert AuditEvent.objects.get(action="organization_naming_given").reason == how["how"]


@pytest.mark.parametrize(
    "change",
    [{"status": "closed"}, {"status": "merged"}, {"is_regulator_or_funder": True}],
)
def test_not_for_closed_ones_and_funders(community, house, contact, change):
    say(house, community, contact)
    Organization.objects.filter(pk=house.pk).update(**change)

    assert named(community) == []
    assert nameable_pairs([(community.public_id, house.public_id)]) == {}
    with pytest.raises(ActionError):
        say(house, community, contact, given=False)


def test_not_where_nobody_of_them_belongs(other_community, house, contact):
    with pytest.raises(ActionError):
        say(house, other_community, contact)


def test_merging_carries_the_word_along(community, house, contact, priya):
    make_member(community, "Mo", organization=house)
    target = make_organization("Moss Stair")
    say(house, community, contact)

    merge_organizations(source=house, target=target, by=priya, now=NOW)

    assert named(community) == ["Moss Stair"]
    pair = (community.public_id, house.public_id)
    assert nameable_pairs([pair]) == {pair: "Moss Stair"}
    say(target, community, contact, given=False)
    assert nameable_pairs([pair]) == {}


def test_another_host_does_not_ask_organizations_again(community, house, contact):
    """`host` of such a word is the organization itself."""
    say(house, community, contact)
    Partner.objects.create(community=community, organization=make_organization(), role="host")

    assert consents_to_renew(contact) == []
    assert people_to_ask(community) == frozenset()


def test_nameable_pairs_asks_once(community, house, contact, django_assert_num_queries):
    pairs = [(community.public_id, house.public_id)]
    pairs += [(community.public_id, make_organization().public_id) for _ in range(20)]
    say(house, community, contact)

    with django_assert_num_queries(1):
        assert nameable_pairs(pairs) == {pairs[0]: "ʔa Maison & Co_op"}


def test_contact_switches_it_on_and_off(community, house, contact, sign_in):
    client = sign_in(contact)
    page = f"/me/organizations/{house.public_id}/"
    switch = f"{page}naming/{community.public_id}/"
    assert "Yes, welcome us by name" in client.get(page).content.decode()

    assert client.post(switch, {"answer": "yes"}).status_code == 302
    assert named(community) == ["ʔa Maison & Co_op"]
    assert "Take it back" in client.get(page).content.decode()

    client.post(switch, {"answer": "no"})
    assert named(community) == []
    assert client.get(switch).status_code == 405


def test_the_page_does_not_tell_where_else_its_people_are(
    community, other_community, house, contact, sign_in
):
    make_member(other_community, "Elsewhere", organization=house)
    client = sign_in(contact)
    page = f"/me/organizations/{house.public_id}/"

    assert "Social R&amp;D" not in client.get(page).content.decode()
    switch = f"{page}naming/{other_community.public_id}/"
    assert client.post(switch, {"answer": "yes"}).status_code == 404


@pytest.mark.parametrize("who", CAST)
def test_the_switch_is_closed_to_others(request, community, house, contact, sign_in, who):
    client = sign_in(request.getfixturevalue(who))
    switch = f"/me/organizations/{house.public_id}/naming/{community.public_id}/"

    response = client.post(switch, {"answer": "yes"})

    assert response.status_code == (302 if who == "visitor" else 404)
    assert named(community) == []


def test_no_switch_for_a_funder(community, sign_in):
    fund = make_organization("Coast Fund", is_regulator_or_funder=True)
    person = make_person("Beth")
    Affiliation.objects.create(person=person, organization=fund, state="confirmed", is_contact=True)
    page = sign_in(person).get(f"/me/organizations/{fund.public_id}/").content.decode()

    assert "In the newsletter" not in page


def test_desk_notes_it_down(community, house, contact, priya, sign_in):
    client = sign_in(priya)
    change = f"/desk/members/organization/{house.pk}/change/"
    step = f"/desk/members/organization/{house.pk}/naming/"
    assert "has not said whether it may be named" in client.get(change).content.decode()
    data = {"community": community.pk, "given": "yes", "how": ""}
    assert client.post(step, data).status_code == 200
    assert named(community) == []

    assert client.post(step, data | {"how": "Their manager, by phone"}).status_code == 302
    assert named(community) == ["ʔa Maison & Co_op"]
    assert "may be named" in client.get(change).content.decode()
    client.post(step, data | {"given": "no", "how": "By mail"})
    assert named(community) == []


def test_desk_of_another_community_has_no_say(
    community, other_community, house, contact, outsider, sign_in
):
    make_member(other_community, "Elsewhere", organization=house)
    client = sign_in(outsider)
    step = f"/desk/members/organization/{house.pk}/naming/"
    client.post(step, {"community": community.pk, "given": "yes", "how": "By mail"})

    assert named(community) == []
