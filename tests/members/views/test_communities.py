import pytest

from members.models import Community, Partner, Stream
from members.views.communities import greeting
from tests.conftest import CAST
from tests.factories import NOW, make_community, make_organization

FIRST = {"visitor": 7, "dani": 13}
INSIDE = {"dani", "ally", "funder", "priya", "admin"}


@pytest.mark.parametrize("who", CAST)
def test_community_detail_is_public_and_home_for_those_inside(request, sign_in, community, who):
    person = request.getfixturevalue(who)

    response = sign_in(person).get("/every-door/")

    assert response.status_code == 200
    is_home = "members/community_home.html" in [t.name for t in response.templates]
    assert is_home == (who in INSIDE)
    assert (b"/every-door/join/" in response.content) == (who not in INSIDE)


@pytest.mark.parametrize("who", CAST)
def test_community_detail_of_an_archived_one_is_gone_for_all(request, sign_in, community, who):
    person = request.getfixturevalue(who)
    Community.objects.filter(pk=community.pk).update(status="archived")

    assert sign_in(person).get("/every-door/").status_code == 404
    assert sign_in(person).get("/every-door/join/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "planning"}, "being planned"),
        ({"status": "paused"}, "taking a break"),
        ({"status": "closing"}, "coming to its end"),
        ({"admission_policy": "invitation"}, "by invitation"),
    ],
)
def test_community_detail_says_its_state(client, db, changes, words):
    make_community("quiet", **changes)

    text = client.get("/quiet/").content.decode()

    assert words in text
    assert ('href="/quiet/join/"' in text) == ("planning" in changes.values())


def test_community_detail_tells_who_stands_behind_it(client, community):
    host = make_organization("Tidewater Capacity Network", kind="host")
    Partner.objects.create(community=community, organization=host, role="host")

    text = client.get("/every-door/").content.decode()

    assert "Tidewater Capacity Network" in text
    assert "not an accreditation" in text
    assert "Free" in text


def test_community_detail_shows_an_open_application(sign_in, application, newcomer):
    text = sign_in(newcomer).get("/every-door/").content.decode()

    assert application.get_absolute_url() in text


@pytest.mark.parametrize("who", ["visitor", "dani"])
def test_community_detail_query_count_is_constant(
    request, sign_in, community, who, django_assert_num_queries
):
    client = sign_in(request.getfixturevalue(who))

    def add(number):
        for _ in range(number):
            Stream.objects.create(community=community, kind="learn", name="Étude")
            organization = make_organization("Ünïcødé " * 15)
            Partner.objects.create(community=community, organization=organization, role="knowledge")

    add(1)
    client.get("/every-door/")
    with django_assert_num_queries(FIRST[who]):
        client.get("/every-door/")
    add(3)
    with django_assert_num_queries(FIRST[who]):
        client.get("/every-door/")


@pytest.mark.parametrize(
    ("hour", "words"), [(15, "Good morning"), (20, "Good afternoon"), (4, "Good evening")]
)
def test_greeting_follows_the_person_own_clock(dani, hour, words):
    assert greeting(dani, NOW.replace(hour=hour)) == f"{words}, Dani"
