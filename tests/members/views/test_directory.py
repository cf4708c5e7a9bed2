"""The directory: opt-in, each field its own switch, letters without an address (DP1 to DP3)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cop.core.errors import ActionError
from members.actions.directory import introduce, save_profile
from members.models import Affiliation, DirectoryProfile, Membership, PersonalConsent, Site
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW, make_member, make_organization

LIST = "/every-door/directory/"
ME = "/every-door/directory/me/"
EVERYTHING = {
    "is_listed": True, "shows_role": True, "shows_organization": True, "shows_region": True,
    "shows_languages": True, "takes_messages": True,
}  # fmt: skip
INSIDE = {"dani", "priya"}


def house(name="Salt Heron", **fields):
    return make_organization(name, city="Victoria", **fields)


def listed(community, name, organization=None, **fields):
    person = make_member(community, name, organization=organization or house())
    values = {**EVERYTHING, "languages": ["English"], "ask_me_about": "night rosters"} | fields
    return save_profile(person=person, community=community, now=NOW, **values)


def text(response):
    """The page without header and footer."""
    assert response.status_code == 200, response
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("who", CAST)
def test_directory_opens_to_members_only(request, sign_in, community, who):
    listed(community, "Luc Théberge")
    response = sign_in(request.getfixturevalue(who)).get(LIST)
    assert response.status_code == (200 if who in INSIDE else 302 if who == "visitor" else 404)
    assert ("Luc Théberge" in response.content.decode()) == (who in INSIDE)


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("path", [ME, f"{LIST}ENTRY/"])
def test_entry_pages_by_person(request, sign_in, community, who, path):
    entry = listed(community, "Luc Théberge")
    response = sign_in(request.getfixturevalue(who)).get(path.replace("ENTRY", entry.public_id))
    allowed = {"dani", "ally", "funder"} if path == ME else INSIDE
    assert response.status_code == (200 if who in allowed else 302 if who == "visitor" else 404)


def test_nobody_is_listed_who_did_not_say_so(sign_in, community, dani):
    make_member(community, "Quiet Quinn")
    page = text(sign_in(dani).get(LIST))
    assert "Quiet Quinn" not in page
    assert "Nobody is listed yet" in page
    form = text(sign_in(dani).get(ME)).partition('<form class="form"')[2].partition("</form>")[0]
    assert form.count('type="checkbox"') == 6
    assert "checked" not in form


@pytest.mark.parametrize(
    ("switch", "shown"),
    [
        ("shows_role", "Clinical lead"),
        ("shows_organization", "Salt Heron"),
        ("shows_region", "Victoria"),
        ("shows_languages", "Français"),
    ],
)
def test_each_field_is_its_own_switch(sign_in, community, dani, switch, shown):
    entry = listed(community, "Luc Théberge", languages=["Français"], **{switch: False})
    Affiliation.objects.filter(person=entry.person).update(role_title="Clinical lead")
    save_profile(person=entry.person, community=community, now=NOW)
    client = sign_in(dani)

    page = text(client.get(LIST))
    assert "Luc Théberge" in page
    assert shown not in page
    # What is not shown cannot be found either.
    assert "Luc Théberge" not in text(client.get(LIST, {"q": shown}))

    save_profile(person=entry.person, community=community, now=NOW, **{switch: True})
    assert shown in text(client.get(LIST))
    assert "Luc Théberge" in text(client.get(LIST, {"q": shown}))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Luc Théberge", ["theberge", "THÉBERGE", "luc theb"]),
        ("ʔaƛ̓uy George", ["ʔa", "george"]),
        ("x̱ʷməθkʷəy̓əm Sparrow", ["x̱", "x̱ʷməθ"]),
        ("Zoë Ångström", ["zoe", "angstrom"]),
        ("عائشة", ["عائشة"]),
    ],
)
def test_search_folds_accents_and_knows_every_orthography(sign_in, community, dani, name, words):
    listed(community, name)
    listed(community, "Somebody Else")
    client = sign_in(dani)
    for word in words:
        page = text(client.get(LIST, {"q": word}))
        assert name in page
        assert "Somebody Else" not in page
    assert "Nobody found" in text(client.get(LIST, {"q": "zzzz"}))
    for odd in ("%", "_", "\\", "a" * 500, "' OR 1=1 --"):
        assert client.get(LIST, {"q": odd}).status_code == 200


def test_city_gives_way_to_the_region_where_a_house_asks(sign_in, community, dani):
    shy = house("Goat Creek")
    Site.objects.create(
        organization=shy, name="House A", city="Creston", region="interior", shows_city=False,
        address="12 Hidden Road",
    )  # fmt: skip
    shy.city = "Creston"
    shy.save(update_fields=["city"])
    listed(community, "Bea Castellano", organization=shy)

    page = text(sign_in(dani).get(LIST))

    assert "Interior" in page
    assert "Creston" not in page
    assert "Hidden Road" not in page


def test_whoever_leaves_is_out_of_the_directory_at_once(sign_in, community, dani):
    entry = listed(community, "Luc Théberge")
    Membership.objects.filter(person=entry.person).update(state="left", ended_on=NOW.date())
    assert "Luc Théberge" not in text(sign_in(dani).get(LIST))


def test_saving_notes_consent_only_when_it_changes(sign_in, community, dani):
    client = sign_in(dani)
    for _round in range(2):
        client.post(ME, {"is_listed": "on", "ask_me_about": "rosters"})
    client.post(f"{ME}hide/")
    client.post(f"{ME}hide/")

    rows = PersonalConsent.objects.order_by("pk").values_list("given", "wording", "purpose")
    assert list(rows) == [(True, "directory 2026-11", "directory"), (False, "directory 2026-11",
                                                                     "directory")]  # fmt: skip
    profile = DirectoryProfile.objects.get()
    assert (profile.is_listed, profile.search_text) == (False, "")
    assert profile.ask_me_about == "rosters"


def test_letter_hides_both_addresses_and_is_answered_by_a_link(sign_in, community, dani):
    entry = listed(community, "Luc Théberge")

    response = sign_in(dani).post(
        f"{LIST}{entry.public_id}/", {"words": "How do you roster nights?"}, follow=True
    )

    assert "is on its way" in text(response)
    mail = Delivery.objects.get()
    assert (mail.kind, mail.person) == ("introduction", entry.person)
    assert "How do you roster nights?" in mail.text
    assert mail.reply_to == community.contact_email
    path = re.search(r"http://localhost:8000(/m/\S+/letter/)", mail.text)[1]
    for body in (mail.text, mail.html, mail.subject, str(mail.reply_to), path):
        assert dani.email not in body
    # The answer, from any browser, without signing in. Opening it sends nothing.
    stranger = Client()
    assert "Write back to Dani" in text(stranger.get(path))
    assert Delivery.objects.count() == 1
    stranger.post(path, {"words": "In blocks of four."})
    answer = Delivery.objects.exclude(pk=mail.pk).get()
    assert (answer.kind, answer.person) == ("introduction_reply", dani)
    assert entry.person.email not in answer.text + answer.html + answer.subject


def test_five_letters_a_day(community, dani):
    entries = [listed(community, f"Person {n}") for n in range(6)]
    for entry in entries[:5]:
        introduce(profile=entry, sender=dani, words="Hello", now=timezone.now())
    with pytest.raises(ActionError, match="Tomorrow"):
        introduce(profile=entries[5], sender=dani, words="Hello", now=timezone.now())
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    introduce(profile=entries[5], sender=dani, words="Hello", now=tomorrow)
    assert Delivery.objects.count() == 6


def test_nobody_writes_to_who_takes_no_messages(sign_in, community, dani):
    entry = listed(community, "Luc Théberge", takes_messages=False)
    client = sign_in(dani)
    assert "Write<" not in text(client.get(LIST))
    assert client.post(f"{LIST}{entry.public_id}/", {"words": "Hello"}).status_code == 404
    with pytest.raises(ActionError):
        introduce(profile=entry, sender=dani, words="Hello", now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "a:b:c", "é" * 30])
def test_forged_letter_links_are_not_found(token):
    assert Client().get(f"/m/{token}/letter/").status_code == 404


def test_pages_follow_each_other_and_queries_stay_constant(sign_in, community, dani):
    client, counts = sign_in(dani), []
    for count in (3, 45):
        for number in range(count):
            listed(community, f"Person {count} {number:02}")
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            text(client.get(LIST))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    seen, url = [], LIST
    while url:
        page = text(client.get(url))
        seen += re.findall(r"<strong>(Person \d+ \d+)", page)
        following = re.search(r'class="btn" href="(\?after=\w+)"', page)
        url = f"{LIST}{following[1]}" if following else ""
    assert len(seen) == len(set(seen)) == 48


def test_long_names_and_texts_are_shown_whole(sign_in, community, dani):
    listed(community, "ʔ" * 120, ask_me_about="w" * 300, languages=["l" * 40] * 1)
    assert "w" * 300 in text(sign_in(dani).get(LIST))
