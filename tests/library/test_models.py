import pytest
from django.db import IntegrityError

from library.models import Resource
from tests.conftest import CAST
from tests.library.factories import make_resource

SEES = {
    "public": set(CAST),
    "members_and_allies": {"dani", "ally", "priya"},
    "members": {"dani", "priya"},
}


@pytest.mark.parametrize("visibility", SEES)
@pytest.mark.parametrize("who", CAST)
def test_visible_to_follows_the_audience(request, community, who, visibility):
    resource = make_resource(community, visibility=visibility)
    person = request.getfixturevalue(who)

    assert (resource in Resource.objects.visible_to(person)) == (who in SEES[visibility])


@pytest.mark.parametrize("state", ["draft", "in_review", "returned", "archived", "withdrawn"])
@pytest.mark.parametrize("who", CAST)
def test_visible_to_shows_nothing_unpublished_to_others(request, community, who, state):
    resource = make_resource(community, state=state)

    assert resource not in Resource.objects.visible_to(request.getfixturevalue(who))


@pytest.mark.parametrize(
    ("state", "sees"),
    [("in_review", True), ("returned", True), ("draft", False), ("archived", False)],
)
def test_visible_to_shows_the_sender_what_waits(community, ally, state, sees):
    resource = make_resource(community, state=state, submitted_by=ally)

    assert (resource in Resource.objects.visible_to(ally)) == sees


def test_visible_to_hides_an_archived_community(community, dani, visitor):
    resource = make_resource(community)
    community.status = "archived"
    community.save(update_fields=["status"])

    for person in (dani, visitor):
        assert resource not in Resource.objects.visible_to(person)


@pytest.mark.parametrize(
    "content",
    [
        {"url": "https://a.example", "body": "text"},
        {"url": "https://a.example", "file": "library/key"},
        {"body": "text", "file": "library/key"},
        {"url": ""},
    ],
)
def test_exactly_one_main_content(community, content):
    with pytest.raises(IntegrityError):
        make_resource(community, **content)


def test_published_needs_a_summary(community):
    with pytest.raises(IntegrityError):
        make_resource(community, summary="")
