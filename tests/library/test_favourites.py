"""What one keeps, and the topics one follows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cop.core.errors import ActionError
from library.actions import favourites
from library.models import Favourite, Resource, TopicFollow
from tests.factories import NOW
from tests.library.factories import make_resource

KEPT = "/every-door/library/kept/"
FOLLOW = "/every-door/library/topics/follow/"


def keep(client, resource: Resource, **data):
    return client.post(f"{resource.get_absolute_url()}keep/", data)


def fresh(community, **fields) -> Resource:
    return make_resource(community, published_at=timezone.now() - timedelta(days=2), **fields)


def test_keeping_and_taking_out_twice_is_harmless(sign_in, community, dani):
    resource = make_resource(community, title="Night card")
    client = sign_in(dani)
    for _press in range(2):
        assert keep(client, resource).status_code == 302
    assert Favourite.objects.count() == 1
    assert "Night card" in client.get(KEPT).content.decode()
    for _press in range(2):
        assert keep(client, resource, undo="1", **{"from": "kept"}).url == KEPT
    assert "Nothing here yet" in client.get(KEPT).content.decode()


def test_nobody_else_sees_what_one_keeps(sign_in, community, dani, ally):
    keep(sign_in(dani), make_resource(community, title="Night card"))
    assert "Night card" not in sign_in(ally).get(KEPT).content.decode()


def test_what_one_may_not_see_any_more_is_not_on_the_shelf(sign_in, community, dani, newcomer):
    closed = make_resource(community, title="Inner card", visibility="members")
    assert keep(sign_in(newcomer), closed).status_code == 404
    Favourite.objects.create(resource=closed, person=newcomer, kept_at=NOW)
    assert "Inner card" not in sign_in(newcomer).get(KEPT).content.decode()


def test_what_was_replaced_stays_on_the_shelf_and_says_so(sign_in, community, dani):
    resource = make_resource(community, title="Old card")
    client = sign_in(dani)
    keep(client, resource)
    Resource.objects.filter(pk=resource.pk).update(state="superseded")
    text = client.get(KEPT).content.decode()
    assert "Old card" in text
    assert "Replaced" in text


def test_a_shelf_has_an_end(community, dani, monkeypatch):
    monkeypatch.setattr(favourites, "MOST_KEPT", 1)
    first = make_resource(community)
    for _press in range(2):
        favourites.keep_resource(resource=first, by=dani, now=NOW)
    with pytest.raises(ActionError):
        favourites.keep_resource(resource=make_resource(community), by=dani, now=NOW)


def test_following_a_topic_shows_what_is_new_in_it(sign_in, community, dani):
    fresh(community, title="New night card", topics=["nights & <days>"])
    fresh(community, title="New food card", topics=["food"])
    make_resource(
        community, title="Old night card", topics=["nights & <days>"],
        published_at=timezone.now() - timedelta(days=50),
    )  # fmt: skip
    client = sign_in(dani)
    for _press in range(2):
        client.post(FOLLOW, {"topic": "nights & <days>"})
    assert TopicFollow.objects.count() == 1

    text = client.get(KEPT).content.decode()
    assert "New night card" in text
    assert "New food card" not in text
    assert "Old night card" not in text
    assert "nights &amp; &lt;days&gt;" in text
    for _press in range(2):
        client.post(FOLLOW, {"topic": "nights & <days>", "undo": "1"})
    assert "New night card" not in client.get(KEPT).content.decode()


def test_a_topic_of_what_one_may_not_see_is_not_there(sign_in, community, newcomer, dani):
    fresh(community, topics=["inner topic"], visibility="members")
    for person, number in ((newcomer, 0), (dani, 1)):
        client = sign_in(person)
        assert ("inner topic" in client.get(KEPT).content.decode()) == bool(number)
        client.post(FOLLOW, {"topic": "inner topic"})
        assert TopicFollow.objects.count() == number
    for topic in ("", "unknown", "x" * 70, "a\x00b"):
        assert client.post(FOLLOW, {"topic": topic}).status_code == 302
    assert TopicFollow.objects.count() == 1


def shelf(rf, community, person) -> str:
    request = rf.get("/")
    request.user = person
    template = Template("{% load library_using %}{% library_shelf %}")
    return template.render(Context({"request": request, "community": community}))


def test_library_shelf(rf, community, dani, visitor):
    fresh(community, title="New night card", topics=["nights"])
    fresh(community, title="My own", topics=["nights"], submitted_by=dani)
    assert "New in your topics" not in shelf(rf, community, dani)
    assert not shelf(rf, community, visitor).strip()
    favourites.follow_topic(community=community, topic="nights", by=dani, now=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        text = shelf(rf, community, dani)
    assert "New night card" in text
    assert "My own" not in text
    assert len(queries) == 1


def test_kept_page_query_count_is_constant(sign_in, community, dani):
    client = sign_in(dani)
    counts = []
    for number in (1, 20):
        for one in range(number):
            resource = fresh(community, topics=[f"topic {number} {one}"])
            favourites.keep_resource(resource=resource, by=dani, now=NOW)
        favourites.follow_topic(community=community, topic=f"topic {number} 0", by=dani, now=NOW)
        client.get(KEPT)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(KEPT).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10
