import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.streams import (
    add_stream,
    change_stream,
    close_stream,
    follow_stream,
    reopen_stream,
    unfollow_stream,
)
from members.models import Community
from members.queries.communities import streams_followed
from tests.factories import NOW


def followed(person):
    return {str(row.stream): row.follows for row in streams_followed(person)}


def test_add_stream_comes_with_the_parts_of_its_kind(community, priya):
    stream = add_stream(community=community, kind="share", name="Connect", by=priya)

    assert "directory" in stream.features
    assert AuditEvent.objects.filter(action="stream_added", scope=community.public_id).exists()


def test_a_stream_uses_at_least_one_part(community, priya):
    with pytest.raises(ActionError, match="at least one part"):
        add_stream(community=community, kind="share", name="Connect", by=priya, features=[])
    stream = add_stream(community=community, kind="share", name="Connect", by=priya)
    with pytest.raises(ActionError, match="at least one part"):
        change_stream(stream=stream, by=priya, features=[])


def test_close_stream_keeps_the_last_one(community, priya):
    learn = add_stream(community=community, kind="learn", name="Learn", by=priya)
    with pytest.raises(ActionError, match="only stream in use"):
        close_stream(stream=learn, by=priya, now=NOW)

    add_stream(community=community, kind="share", name="Share", by=priya)
    close_stream(stream=learn, by=priya, now=NOW)
    learn.refresh_from_db()
    assert (learn.is_active, learn.ends_on) == (False, NOW.date())
    with pytest.raises(ActionError, match="closed already"):
        close_stream(stream=learn, by=priya, now=NOW)
    reopen_stream(stream=learn, by=priya, now=NOW)
    learn.refresh_from_db()
    assert learn.is_active


def test_a_plan_may_be_without_a_stream(community, priya):
    Community.objects.filter(pk=community.pk).update(status="planning")
    community.refresh_from_db()
    learn = add_stream(community=community, kind="learn", name="Learn", by=priya)

    close_stream(stream=learn, by=priya, now=NOW)


@pytest.mark.parametrize("who", ["dani", "outsider", "reviewer"])
def test_streams_are_for_coordinators_of_the_community(request, community, priya, who):
    by = request.getfixturevalue(who)
    stream = add_stream(community=community, kind="learn", name="Learn", by=priya)

    for act in (
        lambda: add_stream(community=community, kind="learn", name="Mine", by=by),
        lambda: change_stream(stream=stream, by=by, name="Mine"),
        lambda: close_stream(stream=stream, by=by, now=NOW),
    ):
        with pytest.raises(ActionError, match="Only a coordinator"):
            act()


def test_everybody_follows_all_but_build_until_they_say_otherwise(community, priya, dani):
    learn = add_stream(community=community, kind="learn", name="Learn", by=priya)
    build = add_stream(community=community, kind="build", name="Build", by=priya)
    assert followed(dani) == {"Learn": True, "Build": False}

    unfollow_stream(stream=learn, person=dani)
    follow_stream(stream=build, person=dani)
    follow_stream(stream=build, person=dani)

    assert followed(dani) == {"Learn": False, "Build": True}


@pytest.mark.parametrize("who", ["newcomer", "stranger", "lapsed", "priya"])
def test_follow_stream_is_for_those_who_belong(request, community, priya, who):
    stream = add_stream(community=community, kind="learn", name="Learn", by=priya)

    with pytest.raises(ActionError, match="Only those who belong"):
        follow_stream(stream=stream, person=request.getfixturevalue(who))
    assert followed(request.getfixturevalue(who)) == {}


def test_streams_followed_is_one_question(community, priya, dani, django_assert_num_queries):
    for number in range(20):
        add_stream(community=community, kind="learn", name=f"Étude {number}", by=priya)
    with django_assert_num_queries(1):
        streams_followed(dani)
