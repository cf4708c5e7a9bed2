import pytest

from members.models import Evidence, MembershipApplication
from outbox.models import Consent
from tests.conftest import CAST
from tests.factories import NOW, make_community, make_organization
from tests.members.conftest import make_photo

JOIN = "/every-door/join/"
FORM = {"applying_as": "provider", "role_group": "front_line", "agreement": "on"}


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("visitor", "members/join_intro.html"),
        ("newcomer", "members/join_organization.html"),
        ("dani", "/every-door/"),
        ("ally", "/every-door/"),
        ("funder", "/every-door/"),
        ("lapsed", "members/join_organization.html"),
        ("stranger", "members/join_organization.html"),
        ("priya", "members/join_organization.html"),
        ("outsider", "members/join_organization.html"),
        ("admin", "members/join_organization.html"),
    ],
)
def test_community_join_answers_each_of_the_cast(request, sign_in, community, who, answer):
    response = sign_in(request.getfixturevalue(who)).get(JOIN)

    if answer.startswith("/"):
        assert (response.status_code, response["Location"]) == (302, answer)
    else:
        assert answer in [template.name for template in response.templates]


def test_community_join_signed_out_leads_to_an_account_and_back(client, community):
    text = client.get(JOIN).content.decode()

    assert "/account/signup/?next=/every-door/join/" in text
    assert "five business days" in text


@pytest.mark.parametrize("changes", [{"status": "paused"}, {"admission_policy": "invitation"}])
def test_community_join_closed_says_so(sign_in, newcomer, changes):
    make_community("closed", **changes)
    client = sign_in(newcomer)

    assert b"Back to the community" in client.get("/closed/join/").content
    client.post("/closed/join/?new=A", FORM)
    assert not MembershipApplication.objects.exists()


def test_community_join_search_works_without_javascript(sign_in, newcomer, community, house):
    text = sign_in(newcomer).get(JOIN, {"q": "moss"}).content.decode()

    assert f"?org={house.public_id}" in text
    assert "Powell River" in text
    assert "not listed" in text


@pytest.mark.parametrize("who", CAST)
def test_join_organizations_is_for_those_signed_in(request, sign_in, community, who):
    response = sign_in(request.getfixturevalue(who)).get(f"{JOIN}organizations/", {"q": "x"})

    assert response.status_code == (302 if who == "visitor" else 200)


def test_join_organizations_never_shows_an_address_and_folds_accents(sign_in, newcomer, community):
    house = make_organization("Maison Théberge", city="Montréal", web="https://maison.example/")
    house.sites.create(name="House A", city="Creston", region="interior", address="12 Hidden Lane")

    text = sign_in(newcomer).get(f"{JOIN}organizations/", {"q": "theb"}).content.decode()

    assert "Maison Théberge" in text
    assert "Montréal" in text
    for secret in ("Hidden Lane", "House A", "Creston", "maison.example"):
        assert secret not in text


@pytest.mark.parametrize("words", ["", "a", "\x00", "%", "  "])
def test_join_organizations_needs_two_letters(sign_in, newcomer, community, house, words):
    text = sign_in(newcomer).get(f"{JOIN}organizations/", {"q": words}).content.decode()

    assert "Moss Stair" not in text


@pytest.mark.parametrize("count", [1, 7])
def test_join_organizations_query_count_is_constant(
    sign_in, newcomer, community, count, django_assert_num_queries
):
    for _ in range(count):
        make_organization("Lantern")
    client = sign_in(newcomer)

    with django_assert_num_queries(4):
        response = client.get(f"{JOIN}organizations/", {"q": "lant"})

    assert response.content.count(b"row-link") == count


def test_community_join_sends_the_application(sign_in, newcomer, community, house, criterion):
    client = sign_in(newcomer)
    data = FORM | {
        "criterion": "REGISTERED",
        "REGISTERED-reference": "Moss Stair",
        "REGISTERED-document": make_photo(),
    }

    response = client.post(f"{JOIN}?org={house.public_id}", data)

    application = MembershipApplication.objects.get()
    assert response["Location"] == application.get_absolute_url()
    assert application.organization == house
    assert application.agreement == community.agreements.get()
    assert application.evidence.get().document_name == "licence.png"
    assert not Consent.objects.exists()
    assert b"You hear from us by" in client.get(response["Location"]).content


def test_community_join_boxes_are_unticked(sign_in, newcomer, community, house):
    text = sign_in(newcomer).get(f"{JOIN}?org={house.public_id}").content.decode()

    boxes = [part for part in text.split("<input")[1:] if 'type="checkbox"' in part]
    assert len(boxes) == 5
    assert not [box for box in boxes if "checked" in box.partition(">")[0]]
    assert "client names" in text
    assert "/privacy/" in text


def test_community_join_new_organization(sign_in, newcomer, community):
    client = sign_in(newcomer)
    assert 'value="Lantern Street"' in client.get(f"{JOIN}?new=Lantern+Street").content.decode()

    proposed = {"proposed_name": "Lantern Street", "proposed_city": "Surrey"}
    client.post(f"{JOIN}?new=", FORM | proposed)

    assert MembershipApplication.objects.get().organization.status == "proposed"


def test_community_join_known_house_needs_no_paper(sign_in, newcomer, community, house, criterion):
    Evidence.objects.create(
        organization=house, criterion=criterion, state="verified", submitted_at=NOW, checked_at=NOW
    )

    text = sign_in(newcomer).get(f"{JOIN}?org={house.public_id}").content.decode()

    assert "nothing to show" in text
    assert 'type="file"' not in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"agreement": ""}, "I take part"),
        ({"criterion": "REGISTERED"}, "Give this, or a photo"),
        ({"REGISTERED-reference": "AL-1"}, "Choose what this paper shows"),
        ({"applying_as": "king"}, "Select a valid choice"),
        ({"criterion": "NONE"}, "Select a valid choice"),
    ],
)
def test_community_join_says_what_needs_another_look(
    sign_in, newcomer, community, house, changes, words
):
    response = sign_in(newcomer).post(f"{JOIN}?org={house.public_id}", FORM | changes)

    assert words in response.content.decode()
    assert not MembershipApplication.objects.exists()


def test_community_join_refuses_a_file_that_is_not_a_photo(sign_in, newcomer, community, house):
    bad = make_photo()
    bad.name = "licence.exe"

    response = sign_in(newcomer).post(
        f"{JOIN}?org={house.public_id}",
        FORM | {"criterion": "REGISTERED", "REGISTERED-document": bad},
    )

    assert response.status_code == 200
    assert not MembershipApplication.objects.exists()


def test_community_join_sent_twice_leads_to_the_same_application(
    sign_in, newcomer, community, house
):
    client = sign_in(newcomer)
    first = client.post(f"{JOIN}?org={house.public_id}", FORM)
    second = client.post(f"{JOIN}?org={house.public_id}", FORM)

    assert first["Location"] == second["Location"]
    assert MembershipApplication.objects.count() == 1


@pytest.mark.parametrize("status", ["proposed", "closed", "merged"])
def test_community_join_only_known_organizations_can_be_picked(
    sign_in, newcomer, community, status
):
    house = make_organization("Hidden", status=status)

    assert sign_in(newcomer).get(f"{JOIN}?org={house.public_id}").status_code == 404
