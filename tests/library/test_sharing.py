"""What others learn of the library by feed, sitemap and previews: only what is for everybody."""

import xml.etree.ElementTree as ET

import pytest
from django.urls import reverse

from tests.factories import make_meeting, make_member
from tests.library.factories import make_resource

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def shelf(community):
    return [
        make_resource(community, title="Open <card> & é ʔa", topics=["nights"]),
        make_resource(community, title="Inside", visibility="members"),
        make_resource(community, title="Waiting", state="in_review"),
    ]


def feed_of(client, community, **headers):
    return client.get(reverse("library:feed", args=[community.slug]), headers=headers)


def test_the_feed_is_valid_and_public(client, community, shelf):
    response = feed_of(client, community)
    root = ET.fromstring(response.content)

    assert response["Content-Type"].startswith("application/atom+xml")
    assert [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")] == [
        "Open <card> & é ʔa"
    ]
    for name in ("id", "title", "updated"):
        assert root.findtext(f"{ATOM}{name}")
        assert root.find(f"{ATOM}entry").findtext(f"{ATOM}{name}")
    assert any(link.get("rel") == "self" for link in root.iter(f"{ATOM}link"))


def test_the_feed_is_the_same_for_members(client, community, shelf, django_user_model):
    client.force_login(make_member(community, "Bea"))
    assert b"Inside" not in feed_of(client, community).content


def test_an_empty_feed(client, community):
    assert ET.fromstring(feed_of(client, community).content).tag == f"{ATOM}feed"


def test_nothing_new_costs_nothing(client, community, shelf):
    tag = feed_of(client, community)["ETag"]
    assert feed_of(client, community, **{"If-None-Match": tag}).status_code == 304

    make_resource(community, title="Newer")
    assert feed_of(client, community, **{"If-None-Match": tag}).status_code == 200


def test_links_to_public_things_have_a_preview(client, community, shelf):
    page = client.get(shelf[0].get_absolute_url()).content.decode()

    assert 'property="og:title" content="Open &lt;card&gt; &amp; é ʔa"' in page
    assert 'rel="canonical" href="http' in page
    assert "noindex" not in page
    assert 'itemtype="https://schema.org/CreativeWork"' in page
    assert '<meta itemprop="name" content="Open &lt;card&gt; &amp; é ʔa">' in page


def test_other_things_say_nothing(client, community, shelf):
    client.force_login(make_member(community, "Bea"))
    page = client.get(shelf[1].get_absolute_url()).content.decode()
    assert "og:title" not in page
    assert "itemprop" not in page
    assert "noindex" in page


def test_every_address_of_the_sitemap_opens_for_visitors(client, community, shelf):
    make_meeting(community, title="Open meeting", audience="public")
    make_meeting(community, title="Closed", audience="members_only")
    index = ET.fromstring(client.get("/sitemap.xml").content)
    seen = []
    for place in index.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc"):
        part = ET.fromstring(client.get(place.text.partition("testserver")[2]).content)
        for loc in part.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc"):
            seen.append(loc.text.partition("testserver")[2])
    for path in seen:
        assert client.get(path).status_code == 200, path
    assert shelf[0].get_absolute_url() in seen
    assert not [path for path in seen if shelf[1].public_id in path]
    assert "Sitemap: " in client.get("/robots.txt").content.decode()
