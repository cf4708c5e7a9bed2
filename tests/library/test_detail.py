"""The page of a resource: what a reader should know, and nothing of what they may not."""

import pytest

from library.models import Resource
from tests.factories import NOW, make_meeting, make_organization, make_person
from tests.library.factories import make_resource


def page(client, resource: Resource) -> str:
    answer = client.get(resource.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "review_due"}, "We are checking whether this still holds"),
        ({"link_state": "dead"}, "does not answer at the moment"),
        ({"evidence": "evaluated_practice"}, "Evaluated practice"),
        ({"sensitivity": "heavy_topic", "sensitivity_note": "A death"}, "A death"),
        ({"sensitivity": "heavy_topic"}, "not alone if that is better"),
        ({"sensitivity": "story"}, "Somebody tells their own story here"),
        ({"rights": "cc_by"}, "https://creativecommons.org/licenses/by/4.0/"),
        ({"publisher": "Coast Health", "edition": "3rd"}, "Coast Health"),
        ({"used_where": "In two houses"}, "Where it was used"),
        ({"limits": "Not for crises"}, "Where it does not fit"),
        ({"version": 3}, "<dt>Version</dt><dd>3</dd>"),
        ({"audience_tags": ["front line"]}, "front line"),
        ({"topics": ["day & night"]}, "?topic=day%20%26%20night"),
    ],
)
def test_what_a_reader_should_know(client, community, fields, words):
    assert words in page(client, make_resource(community, **fields))
    assert words not in page(client, make_resource(community))


def test_who_checked_it_stands_there_as_a_role(client, community, priya):
    text = page(client, make_resource(community, checked_by=priya, checked_at=NOW))
    assert "by the librarian" in text
    assert priya.display_name not in text


def test_an_organization_stands_there_once_it_said_yes(client, community):
    house = make_organization("Harbour House")
    silent = make_resource(community, organization=house)
    assert "Harbour House" not in page(client, silent)
    agreed = make_resource(community, organization=house, organization_consent="Mail of 3 May")
    text = page(client, agreed)
    assert "Harbour House" in text
    assert "Mail of 3 May" not in text


def test_the_meeting_is_named_to_those_who_may_see_it(sign_in, community, visitor, dani):
    meeting = make_meeting(community, title="Nights, inside", audience="members_only")
    resource = make_resource(community, meeting=meeting)
    assert "Nights, inside" not in page(sign_in(visitor), resource)
    assert "Nights, inside" in page(sign_in(dani), resource)


def test_what_took_its_place_is_linked_for_those_who_may_see_it(sign_in, community, visitor, dani):
    new = make_resource(community, title="New card", visibility="members")
    old = make_resource(community, state="superseded", superseded_by=new)
    outside, inside = page(sign_in(visitor), old), page(sign_in(dani), old)
    assert "Something newer has taken its place" in outside
    assert "New card" not in outside
    assert "New card" in inside
    # Nothing is said of what is gone, kept or cited.
    assert "This helped" not in inside
    assert "How to cite it" not in inside


def test_of_what_waits_nothing_is_said_yet(sign_in, community, dani):
    text = page(sign_in(dani), make_resource(community, state="in_review", submitted_by=dani))
    for words in ("Did it help", "What readers say", "How to cite it", "Near to this"):
        assert words not in text


def test_the_sender_stays_unnamed(sign_in, community, dani, visitor):
    sender = make_person("Sender Sue")
    text = page(sign_in(visitor), make_resource(community, submitted_by=sender, steward=sender))
    assert "Sue" not in text
