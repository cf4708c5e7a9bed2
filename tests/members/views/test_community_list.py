import pytest

from members.actions.streams import add_stream
from members.models import Community
from tests.conftest import CAST
from tests.factories import make_community, make_member


@pytest.mark.parametrize("who", CAST)
def test_community_list_is_for_everybody(request, sign_in, community, other_community, who):
    Community.objects.create(
        slug="gone", name="Gone By", short_name="Gone", purpose="P", status="archived"
    )
    page = sign_in(request.getfixturevalue(who)).get("/communities/")

    text = page.content.decode()
    assert page.status_code == 200
    assert "/every-door/" in text
    assert "/social-rd/" in text
    assert "Gone By" not in text
    assert ("You belong here" in text) == (who in {"dani", "ally", "funder", "stranger"})
    assert ("You have a role here" in text) == (who in {"priya", "outsider"})


def test_community_list_shows_ones_own_first(sign_in, community, other_community, stranger):
    text = sign_in(stranger).get("/communities/").content.decode()

    assert text.index("Social R&amp;D") < text.index("Every Door")
    assert "Yours" in text


@pytest.mark.parametrize(
    ("changes", "words", "joins"),
    [
        ({"admission_policy": "open"}, "you are in at once", True),
        ({}, "meet one of its criteria", True),
        ({"admission_policy": "invitation"}, "use the link in their mail", False),
        ({"status": "paused"}, "taking a break", False),
        ({"status": "closing"}, "coming to its end", False),
        ({"status": "planning"}, "Being planned", True),
    ],
)
def test_community_list_says_who_gets_in_and_what_comes_next(client, db, changes, words, joins):
    make_community("quiet", **changes)

    text = client.get("/communities/").content.decode()

    assert words in text
    assert ('href="/quiet/join/"' in text) == joins


def test_community_list_of_a_new_site_says_what_comes(client, db):
    assert "No community is open yet" in client.get("/communities/").content.decode()


def test_community_list_goes_on_with_more(client, db):
    for number in range(33):
        make_community(f"c{number:02}", name=f"Ünïcødé {number:02} " + "long " * 15)

    first = client.get("/communities/").content.decode()
    assert "?after=c29" in first
    second = client.get("/communities/?after=c29").content.decode()
    assert second.count('class="card"') == 3
    assert client.get("/communities/?after=nothing-of-ours").status_code == 200


def test_community_list_asks_a_fixed_number_of_questions(
    sign_in, community, dani, django_assert_num_queries
):
    client = sign_in(dani)
    client.get("/communities/")
    with django_assert_num_queries(6):
        client.get("/communities/")
    for number in range(22):
        make_community(f"more-{number}")
    with django_assert_num_queries(6):
        client.get("/communities/")


def test_community_switch_lists_ones_own_where_there_are_several(
    sign_in, community, other_community, dani
):
    client = sign_in(dani)
    assert b"<li>" not in client.get("/communities/mine/").content

    other_community.memberships.create(person=dani, joined_on="2026-04-01")
    text = client.get("/communities/mine/").content.decode()
    assert "/every-door/" in text
    assert "/social-rd/" in text


def test_community_switch_needs_an_account(client, db):
    assert client.get("/communities/mine/").status_code == 302


@pytest.mark.parametrize("who", CAST)
def test_menu_has_what_the_streams_use(request, sign_in, community, priya, who):
    client = sign_in(request.getfixturevalue(who))
    add_stream(community=community, kind="learn", name="Learn", by=priya)

    def places():
        page = client.get("/every-door/meetings/")
        return [item["url"] for item in page.context["nav_items"]]

    assert "/every-door/directory/" not in places()
    assert "/every-door/library/" in places()
    add_stream(community=community, kind="share", name="Share", by=priya)
    assert ("/every-door/directory/" in places()) == (who in {"dani", "priya"})


def test_menu_leaves_out_what_no_stream_uses(client, community, priya):
    add_stream(community=community, kind="learn", name="L", by=priya, features=["library"])

    places = [item["url"] for item in client.get("/every-door/").context["nav_items"]]

    assert "/every-door/meetings/" not in places


def test_public_page_tells_streams_rules_partners_and_land(client, community, priya):
    Community.objects.filter(pk=community.pk).update(territory_text="We meet on many lands.")
    add_stream(community=community, kind="learn", name="Evenings", by=priya, purpose="To learn.")

    text = client.get("/every-door/").content.decode()

    for words in ("Evenings", "To learn.", "Ask before giving advice.", "We meet on many lands."):
        assert words in text


def test_one_person_in_several_sees_both(sign_in, community, other_community, dani):
    make_member(other_community, "Else")
    other_community.memberships.create(person=dani, category="ally", joined_on="2026-04-01")
    text = sign_in(dani).get("/me/").content.decode()
    assert "Every Door" in text
    assert "Social R&amp;D" in text
