"""Put together by hand: what a reader may not see of a collection is not there for them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from library.models import Collection, CollectionItem
from library.queries.collections import is_new_here, shelves
from members.models import Membership
from tests.factories import make_community, make_member, make_staff
from tests.library.factories import make_resource


def make_collection(community, *resources, **fields):
    values = {"title": "To begin with", "visibility": "public", "is_published": True} | fields
    collection = Collection.objects.create(community=community, **values)
    for order, resource in enumerate(resources, 1):
        CollectionItem.objects.create(
            collection=collection, resource=resource, order=order, note=f"Note {order}"
        )
    return collection


@pytest.fixture
def mixed(community):
    rows = [
        make_resource(community, title="Open"),
        make_resource(community, title="Inside", visibility="members"),
        make_resource(community, title="Gone", state="withdrawn", return_reason="x"),
    ]
    return make_collection(community, *rows)


def test_each_reader_sees_their_part(client, community, mixed):
    address = mixed.get_absolute_url()
    page = client.get(address).content.decode()
    assert "Open" in page
    assert "Inside" not in page
    assert "Gone" not in page

    client.force_login(make_member(community, "Bea"))
    page = client.get(address).content.decode()
    assert page.index("Open") < page.index("Inside")
    assert "Note 2" in page


@pytest.mark.parametrize("fields", [{"is_published": False}, {"visibility": "members"}])
def test_not_for_visitors(client, community, fields):
    collection = make_collection(community, make_resource(community), **fields)

    assert client.get(collection.get_absolute_url()).status_code == 404
    assert (
        collection.title
        not in client.get(f"/{community.slug}/library/collections/").content.decode()
    )


def test_one_of_which_nothing_may_be_seen_is_not_there(client, community):
    collection = make_collection(community, make_resource(community, visibility="members"))

    assert client.get(collection.get_absolute_url()).status_code == 404


def test_french_words_on_french_pages(client, community):
    collection = make_collection(community, make_resource(community), title_fr="Pour commencer")
    client.cookies["language"] = "fr"

    page = client.get(collection.get_absolute_url(), headers={"Accept-Language": "fr"})
    assert "Pour commencer" in page.content.decode()


def test_the_starter_set_is_for_the_first_weeks(client, community):
    make_collection(community, make_resource(community, title="Handover"), is_starter=True)
    new, old = make_member(community, "New"), make_member(community, "Old")
    today = timezone.now().date()
    Membership.objects.filter(person=new).update(joined_on=today - timedelta(days=5))
    Membership.objects.filter(person=old).update(joined_on=today - timedelta(days=100))

    assert is_new_here(new, community, today)
    assert not is_new_here(old, community, today)
    for person, is_shown in ((new, True), (old, False)):
        client.force_login(person)
        page = client.get(f"/{community.slug}/library/").content.decode()
        assert ('id="starter-set"' in page) is is_shown


def test_the_same_number_of_statements(community):
    counts = []
    for _round in range(2):
        make_collection(community, *(make_resource(community) for _n in range(5)))
        with CaptureQueriesContext(connection) as queries:
            found = shelves(make_member(community, "Bea"), community)
        assert found
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_librarian_puts_one_together_at_the_desk(sign_in, community):
    librarian = make_staff(community, "librarian")
    client = sign_in(librarian)
    one, other = make_resource(community), make_resource(make_community("other"))
    data = {
        "community": community.pk, "title": "Nights", "visibility": "members", "is_published": "on",
        "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 0, "items-MIN_NUM_FORMS": 0,
        "items-MAX_NUM_FORMS": 1000, "items-0-order": 1, "items-0-resource": one.pk,
        "items-0-note": "Begin here",
    }  # fmt: skip
    response = client.post("/desk/library/collection/add/", data)
    assert response.status_code == 302
    collection = Collection.objects.get()
    assert (collection.curated_by, collection.items.get().resource) == (librarian, one)

    client.post("/desk/library/collection/add/", data | {"items-0-resource": other.pk})
    assert Collection.objects.count() == 1
