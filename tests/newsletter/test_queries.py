import pytest
from django.contrib.auth.models import AnonymousUser

from members.models import Community
from newsletter.queries import EDITIONS, blocks_for, narrower, open_editions
from newsletter.recipients import find_readers, insider_ids
from tests.conftest import CAST
from tests.factories import NOW, make_meeting, make_staff
from tests.newsletter.makers import make_issue, make_item, make_resource, subscribe

pytestmark = pytest.mark.django_db

SEES = {
    "visitor": {"public"},
    "newcomer": {"public"},
    "dani": {"public", "members_and_allies", "members"},
    "ally": {"public", "members_and_allies"},
    "funder": {"public"},
    "lapsed": {"public"},
    "stranger": {"public"},
    "priya": {"public", "members_and_allies", "members"},
    "outsider": {"public"},
    "admin": {"public"},
}


@pytest.mark.parametrize("who", CAST)
def test_blocks_for_shows_each_of_the_cast_what_they_may_see(request, community, who):
    issue = make_issue(community)
    for edition in EDITIONS:
        make_item(issue, edition, edition=edition)

    editions = open_editions(request.getfixturevalue(who), community)

    assert {block.item.title for block in blocks_for(issue, editions)} == SEES[who]


@pytest.mark.parametrize("who", CAST)
def test_insider_ids_says_the_same_as_opening(request, community, who):
    """The set of all readers and the question about one of them are the same rule."""
    make_staff(community, "evaluator", "Eva Evaluator")
    person = request.getfixturevalue(who)

    for edition in EDITIONS[1:]:
        opened = Community.objects.opening(person, edition).filter(pk=community.pk).exists()
        assert (person.pk in insider_ids(community, edition, now=NOW)) == opened


@pytest.mark.parametrize("role", ["evaluator", "editor", "greeter"])
def test_insider_ids_follows_roles_as_opening_does(community, role):
    person = make_staff(community, role)

    opened = Community.objects.opening(person, "members").filter(pk=community.pk).exists()

    assert (person.pk in insider_ids(community, "members", now=NOW)) == opened


def test_blocks_for_is_as_narrow_as_the_thing_itself(community, dani):
    issue = make_issue(community)
    resource = make_resource(community, visibility="members")
    meeting = make_meeting(community, audience="members_only")
    withdrawn = make_resource(community, state="withdrawn", visibility="public")
    for row in (
        f"resource:{resource.public_id}",
        f"meeting:{meeting.public_id}",
        f"resource:{withdrawn.public_id}",
        "meeting:nosuch",
    ):
        make_item(issue, row, source=row)

    assert blocks_for(issue, ["public"]) == []
    blocks = blocks_for(issue, open_editions(dani, community))
    assert len(blocks) == 2
    assert all(block.is_teaser and block.text == "" for block in blocks)
    full = blocks_for(issue, open_editions(dani, community), in_full=True)
    assert not any(block.is_teaser for block in full)


@pytest.mark.parametrize("count", [1, 3])
def test_blocks_for_asks_the_same_number_of_questions(community, count, django_assert_num_queries):
    issue = make_issue(community)
    for _ in range(count):
        resource, meeting = make_resource(community), make_meeting(community)
        make_item(issue, source=f"resource:{resource.public_id}")
        make_item(issue, source=f"meeting:{meeting.public_id}")

    with django_assert_num_queries(3):
        blocks_for(issue, EDITIONS)


@pytest.mark.parametrize("count", [1, 3])
def test_find_readers_asks_the_same_number_of_questions(
    community, count, django_assert_num_queries
):
    for _ in range(count):
        subscribe(make_staff(community, "editor"), community)

    with django_assert_num_queries(9):
        readers = find_readers(community, now=NOW)

    assert readers.total == count


def test_narrower():
    assert narrower("public", "members") == "members"
    assert narrower("members_and_allies", "public") == "members_and_allies"


def test_open_editions_of_nobody(community):
    assert open_editions(AnonymousUser(), community) == ("public",)
