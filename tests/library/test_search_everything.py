"""The one search box: each kind for those who may see it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from meetings.models import TopicProposal
from members.models import DirectoryProfile
from tests.factories import make_meeting, make_member
from tests.library.factories import make_resource

ADDRESS = "/{}/search/"


def make_topic(community, title, **fields):
    values = {"state": "open", "proposed_at": timezone.now()} | fields
    return TopicProposal.objects.create(community=community, title=title, **values)


@pytest.fixture
def found(community, client):
    """What somebody reads after a search, as text."""

    def ask(person, words):
        if person is None:
            client.logout()
        else:
            client.force_login(person)
        response = client.get(ADDRESS.format(community.slug), {"q": words})
        assert response.status_code == 200
        return response.content.decode()

    return ask


@pytest.fixture
def member(community):
    return make_member(community, "Bea")


@pytest.fixture
def full(community):
    make_resource(community, title="Handover card")
    make_resource(community, title="Handover for members", visibility="members")
    make_meeting(community, title="Handovers that work", audience="public")
    make_meeting(community, title="Handovers among us", audience="members_only")
    make_topic(community, "Better handovers at night")
    make_topic(community, "Handovers nobody read yet", state="proposed")
    listed = make_member(community, "Zoë Handover")
    DirectoryProfile.objects.create(
        community=community, person=listed, is_listed=True, search_text="zoe handover"
    )


def test_a_member_finds_all_kinds(found, full, member):
    page = found(member, "handover")

    for title in (
        "Handover card", "Handover for members", "Handovers that work", "Handovers among us",
        "Better handovers at night", "Zoë Handover",
    ):  # fmt: skip
        assert title in page
    assert "Handovers nobody read yet" not in page


def test_a_visitor_finds_what_is_open_to_everybody(found, full):
    page = found(None, "handover")

    assert "Handover card" in page
    assert "Handovers that work" in page
    for title in ("for members", "among us", "Better handovers", "Zoë"):
        assert title not in page


def test_nothing_found_offers_to_ask(found, full, member):
    page = found(member, "xylophone")

    assert "Nothing found" in page
    assert "/topics/new/?title=xylophone" in page


@pytest.mark.parametrize("words", ["", "the", "-card", "'", '"', "a" * 300, "ʔa", "<b>"])
def test_odd_words_do_no_harm(found, full, member, words):
    assert "<b>" not in found(member, words)


def test_the_same_number_of_statements(community, client, found, member, full):
    counts = []
    found(member, "handover")
    for _round in range(2):
        for number in range(8):
            make_resource(community, title=f"Handover {number}")
            make_meeting(community, title=f"Handover {number}", audience="public")
            make_topic(community, f"Handover {number}")
        with CaptureQueriesContext(connection) as queries:
            client.get(ADDRESS.format(community.slug), {"q": "handover"})
        counts.append(len(queries))

    assert counts[0] == counts[1]
