"""The same thing in both languages, one beside the other."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from library.actions import NoTranslation, link_translation
from library.queries.translations import possible_originals
from tests.factories import make_community
from tests.library.factories import make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def english(community):
    return make_resource(community, title="Night card", body="Calm first.", language="en")


@pytest.fixture
def french(community):
    return make_resource(community, title="Fiche de nuit", body="D'abord le calme.", language="fr")


def link(resource, original, by):
    return link_translation(resource=resource, original=original, by=by)


def test_linked_both_ways_and_side_by_side(client, english, french, priya):
    link(french, english, priya)
    page = client.get(english.get_absolute_url()).content.decode()
    assert "Also in French:" in page
    assert "Fiche de nuit" in page
    page = client.get(french.get_absolute_url()).content.decode()
    assert "Also in English:" in page
    for one in (english, french):
        page = client.get(f"{one.get_absolute_url()}side-by-side/").content.decode()
        assert page.index("Calm first.") < page.index("abord le calme")
    link(french, None, priya)
    assert client.get(f"{english.get_absolute_url()}side-by-side/").status_code == 404


def test_what_one_may_not_see_is_not_named(client, sign_in, dani, english, french, priya):
    link(french, english, priya)
    type(french).objects.filter(pk=french.pk).update(visibility="members")
    page = client.get(english.get_absolute_url()).content.decode()
    assert "Fiche de nuit" not in page
    assert client.get(f"{english.get_absolute_url()}side-by-side/").status_code == 404
    assert "Fiche de nuit" in sign_in(dani).get(english.get_absolute_url()).content.decode()
    type(french).objects.filter(pk=french.pk).update(state="in_review")
    assert "Fiche de nuit" not in sign_in(dani).get(english.get_absolute_url()).content.decode()


def test_no_chains_no_doubles_no_neighbours(community, english, french, priya):
    with pytest.raises(NoTranslation, match="same resource"):
        link(english, english, priya)
    with pytest.raises(NoTranslation, match="in this language already"):
        link(make_resource(community, language="en"), english, priya)
    link(french, english, priya)
    with pytest.raises(NoTranslation, match="in this language already"):
        link(make_resource(community, language="fr"), english, priya)
    with pytest.raises(NoTranslation, match="translations of this one"):
        link(english, make_resource(community, language="fr"), priya)
    with pytest.raises(NoTranslation, match="same community"):
        link(make_resource(make_community("there"), language="fr"), english, priya)
    # Whichever of the family one chooses, the original is meant.
    assert link(french, english, priya).translation_of == english


def test_the_desk_offers_only_what_is_possible(community, english, french, priya):
    link(french, english, priya)
    other = make_resource(community, language="fr")
    assert set(possible_originals(other)) == {english}
    assert set(possible_originals(english)) == {other}


def test_page_asks_the_same_with_and_without_credits_and_translation(
    client, english, french, priya
):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(english.get_absolute_url())
        return len(seen)

    queries()
    alone = queries()
    link(french, english, priya)
    for number in range(20):
        english.credits.create(
            part="author", name=f"Author {number}", is_named=True, consent="given",
            consent_visibility="public",
        )  # fmt: skip
    assert queries() == alone


def test_linked_at_the_desk(sign_in, community, english, french, priya):
    client = sign_in(priya)
    url = f"/desk/library/resource/{french.pk}/translation/"
    assert "Night card" in client.get(url).content.decode()
    for _ in range(2):
        assert client.post(url, {"original": english.pk}).status_code == 302
    french.refresh_from_db()
    assert french.translation_of == english
    page = client.get(f"/desk/library/resource/{english.pk}/translation/").content.decode()
    assert "Fiche de nuit" in page
    client.post(url, {"original": ""})
    french.refresh_from_db()
    assert french.translation_of is None
