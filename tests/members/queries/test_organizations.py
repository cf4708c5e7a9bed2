import pytest

from members.models import Affiliation, Community
from members.queries import find_duplicates, known_organizations, spoken_for_by
from tests.factories import make_organization, make_person


def found(**words):
    return [row.organization.name for row in find_duplicates(**({"name": "Zzz"} | words))]


@pytest.fixture
def theberge(db):
    return make_organization(
        "Maison Théberge",
        legal_name="Société Théberge et Fils",
        domains=["theberge.example"],
        phone="+1 (250) 555-0142",
        web="https://www.theberge-house.example/about",
    )


@pytest.mark.parametrize(
    "words",
    [
        {"name": "maison theberge"},
        {"name": "Maison  THÉBERGE Inc."},
        {"name": "Zzz", "legal_name": "Societe Theberge & fils"},
        # The one's name is the other's legal name.
        {"name": "Société Théberge et fils"},
        {"domains": ["theberge.example"]},
        {"domains": ["@Theberge.Example"]},
        {"web": "http://theberge-house.example"},
        {"web": "https://theberge.example/contact"},
        {"phone": "250.555.0142"},
        {"phone": "1-250-555-0142"},
    ],
)
def test_find_duplicates_by_names_domain_and_phone(theberge, words):
    assert found(**words) == ["Maison Théberge"]


@pytest.mark.parametrize(
    "words",
    [
        {"name": "Cedar Lantern House"},
        {"phone": "555-0142"},
        {"phone": "250 555 0143"},
        {"domains": ["example"]},
        {"domains": ["gmail.com"]},
        {"web": "https://theberge-house.example.org"},
        {"web": "https://[broken"},
        {"name": ""},
        {"name": "%_'\\"},
    ],
)
def test_find_duplicates_leaves_others_alone(theberge, words):
    make_organization("Free Mail House", domains=["gmail.com"])
    assert found(**words) == []


def test_find_duplicates_says_why_and_names_closed_and_proposed_ones(theberge):
    make_organization("Maison Theberge", status="proposed")
    make_organization("Maison Theberg", status="closed")
    make_organization("Maison Theberge", status="merged", merged_into=theberge)

    rows = find_duplicates(name="Maison Théberge", phone="2505550142", leave_out=None)

    assert [row.organization.status for row in rows] == ["active", "proposed", "closed"]
    assert [len(row.reasons) for row in rows] == [2, 1, 1]
    assert [str(why) for why in rows[0].reasons] == ["a name much like it", "the same phone number"]


def test_find_duplicates_finds_names_in_other_letters(db):
    make_organization("ʔaʔaɬ x̱ House of the Tide")
    make_organization("بيت الأرز للتعافي")

    assert found(name="ʔaʔaɬ x̱ house of the tide") == ["ʔaʔaɬ x̱ House of the Tide"]
    assert found(name="بيت الأرز للتعافي") == ["بيت الأرز للتعافي"]


def test_find_duplicates_takes_one_query(theberge, django_assert_num_queries):
    for number in range(40):
        make_organization(f"Maison Théberge {number}")

    with django_assert_num_queries(1):
        assert len(found(name="Maison Theberge", domains=["a.example"], phone="2505550142")) == 5


def test_spoken_for_by_needs_a_confirmed_contact_of_an_active_one(db):
    person, house = make_person("Joan"), make_organization()
    tie = Affiliation.objects.create(person=person, organization=house, is_contact=True)
    assert not spoken_for_by(person).exists()

    Affiliation.objects.filter(pk=tie.pk).update(state="confirmed")
    assert list(spoken_for_by(person)) == [house]

    type(house).objects.update(status="closed")
    assert not spoken_for_by(person).exists()


def test_known_organizations_of_nobody_are_none(community, theberge):
    assert not known_organizations(Community.objects.all()).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("known", "named", "alike"),
    [
        ("Cedar Lantern Recovery Society", "Cedar Lantern", True),
        ("Théberge Recovery House", "Theberge House", True),
        ("Maison Théberge", "Theberge Treatment Centre", True),
        ("Côté House Recovery Society", "Hallström House Recovery Society", False),
        ("Pine Grouse Recovery Society", "Whitford House Recovery Society", False),
        ("Recovery Society", "Recovery House Society", True),
    ],
)
def test_words_that_half_of_all_houses_share_make_no_two_alike(known, named, alike):
    row = make_organization(known)

    found = [one.organization for one in find_duplicates(name=named)]

    assert found == ([row] if alike else [])
