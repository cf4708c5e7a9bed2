"""The page behind the signed link, and the page of all that one is in."""

import re

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import get_resolver, reverse

from cop.core.links import make_token
from library.actions import add_credit, answer_consent, ask_consent, publish_resource
from library.links import consent_path
from outbox.models import Delivery
from tests.core.uploads import PDF
from tests.factories import NOW, make_member, make_staff
from tests.library.factories import make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def speaker(community):
    return make_member(community, "Sam Speaker")


@pytest.fixture
def credit(community, priya, speaker):
    resource = make_resource(
        community,
        kind="recording",
        title="The night",
        state="in_review",
        visibility="members",
        transcript="What is said.",
    )
    return add_credit(
        resource=resource, part="speaker", person=speaker, is_named=True, by=priya, now=NOW
    )


def test_from_the_mail_to_a_yes_and_back(credit, priya, community, dani, sign_in):
    make_staff(community, "librarian")
    ask_consent(credit=credit, by=priya, now=NOW)
    mail = Delivery.objects.get(kind="consent_request")
    path = re.search(r"https?://[^/\s]+(/m/\S+/consent/)", mail.text)[1]
    client = Client()

    page = client.get(path).content.decode()
    assert "The night" in page
    assert "Members only" in page
    assert "Can be seen or heard" in page
    assert "Yes, with my name" in page
    credit.refresh_from_db()
    assert credit.consent == "asked"

    for _ in range(2):
        assert client.post(path, {"do": "yes"}).status_code == 302
    credit.refresh_from_db()
    assert (credit.consent, credit.consent_visibility) == ("given", "members")
    publish_resource(resource=credit.resource, by=priya, now=NOW)
    reader = sign_in(dani)
    url = credit.resource.get_absolute_url()
    assert b"Sam Speaker" in reader.get(url).content

    client.post(path, {"do": "back"})
    assert reader.get(url).status_code == 404
    assert "You said no" in client.get(path).content.decode()
    client.post(path, {"do": "back"})
    assert Delivery.objects.filter(kind="consent_withdrawn").count() == 1


def addresses_of(resource):
    """Each address of the library that takes a resource, whoever added it."""
    for pattern in get_resolver().url_patterns:
        if getattr(pattern, "app_name", "") != "library":
            continue
        for one in pattern.url_patterns:
            names = set(one.pattern.converters)
            if {"slug", "public_id"} <= names and one.name != "from_meeting":
                known = {"slug": resource.community.slug, "public_id": resource.public_id}
                yield reverse(
                    f"library:{one.name}", kwargs={name: known.get(name, 1) for name in names}
                )


def test_after_a_withdrawal_no_address_of_it_answers(sign_in, community, priya, speaker, dani):
    """Neither the page nor the file, an earlier version, a preview or a citation (L4)."""
    resource = make_resource(
        community, kind="recording", file=ContentFile(PDF, name="key"), file_name="a.pdf",
        file_type="pdf", file_size=len(PDF), text_state="read", preview_pages=1,
    )  # fmt: skip
    resource.versions.create(
        number=1, title="Before", change_note="Sound", replaced_at=NOW,
        file=ContentFile(PDF, name="key"), file_name="b.pdf", file_type="pdf",
    )  # fmt: skip
    credit = resource.credits.create(
        part="speaker", person=speaker, consent="given", consent_visibility="public"
    )
    paths = list(addresses_of(resource))
    readers = [Client(), sign_in(dani)]
    before = {path: readers[1].get(path).status_code for path in paths}
    assert sorted(before.values()).count(200) >= 3, before
    Client().post(consent_path(credit), {"do": "back"})
    for reader in readers:
        for path in paths:
            assert reader.get(path).status_code not in {200, 206, 304, 409, 410}, path


def test_without_the_name(credit):
    path = consent_path(credit)
    Client().post(path, {"do": "unnamed"})
    credit.refresh_from_db()
    assert (credit.consent, credit.is_named) == ("given", False)
    page = Client().get(path).content.decode()
    assert "take my name off" not in page


def test_nonsense_changes_nothing(credit):
    path = consent_path(credit)
    page = Client().post(path, {"do": "perhaps"}, follow=True).content.decode()
    assert "Choose one of the answers" in page
    credit.refresh_from_db()
    assert credit.consent == "missing"


@pytest.mark.parametrize("payload", ["x", ["x", "members"], None, 7, ["a", "b", "c"], {"a": 1}])
def test_other_payloads_are_all_the_same_404(payload):
    path = reverse("consent_link", args=[make_token("consent", payload)])
    assert Client().get(path).status_code == 404


def test_the_audience_of_the_link_is_one_of_ours(credit):
    path = reverse("consent_link", args=[make_token("consent", [credit.public_id, "world"])])
    assert Client().post(path, {"do": "yes"}).status_code == 404


def test_asked_for_more_readers(credit):
    answer_consent(credit=credit, answer="yes", now=NOW)
    path = consent_path(credit, "public")
    page = Client().get(path).content.decode()
    assert "May more people see it?" in page
    page = Client().post(path, {"do": "no"}, follow=True).content.decode()
    assert "your earlier yes holds" in page
    Client().post(path, {"do": "yes"})
    credit.refresh_from_db()
    assert credit.consent_visibility == "public"


def test_who_closed_the_account_can_still_take_it_back(credit, speaker):
    path = consent_path(credit)
    Client().post(path, {"do": "yes"})
    speaker.is_active = False
    speaker.save(update_fields=["is_active"])
    assert Client().post(path, {"do": "back"}).status_code == 302
    credit.refresh_from_db()
    assert credit.consent == "withdrawn"


def test_archived_community_answers_nobody(credit, community):
    type(community).objects.filter(pk=community.pk).update(status="archived")
    assert Client().get(consent_path(credit)).status_code == 404


def test_in_the_language_of_the_person(credit, speaker):
    speaker.language = "fr"
    speaker.save(update_fields=["language"])
    assert 'lang="fr"' in Client().get(consent_path(credit)).content.decode()


def test_my_page_lists_what_i_am_in(sign_in, credit, speaker, dani, django_assert_max_num_queries):
    mine = sign_in(speaker).get("/me/in-the-library/").content.decode()
    assert "The night" in mine
    path = re.search(r'href="(/m/[^"]+/consent/)"', mine)[1]
    Client().post(path, {"do": "yes"})
    credit.refresh_from_db()
    assert credit.consent == "given"
    assert "You are in nothing" in sign_in(dani).get("/me/in-the-library/").content.decode()


def test_my_page_asks_the_same_for_one_and_for_many(
    sign_in, community, credit, speaker, django_assert_num_queries
):
    client = sign_in(speaker)

    def queries() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            client.get("/me/in-the-library/")
        return len(seen)

    queries()
    one = queries()
    for _ in range(40):
        make_resource(community).credits.create(part="quoted", person=speaker)
    assert queries() == one
    assert "Show more" in client.get("/me/in-the-library/").content.decode()


def test_names_are_for_the_readers_they_agreed_to(client, sign_in, community, dani):
    shown = make_resource(community, visibility="public")
    for name, audience in (("Ann Open", "public"), ("Bo Inside", "members")):
        shown.credits.create(
            part="author", name=name, is_named=True, consent="given", consent_visibility=audience
        )
    visitor = client.get(shown.get_absolute_url()).content.decode()
    assert "Ann Open" in visitor
    assert "Bo Inside" not in visitor
    member = sign_in(dani).get(shown.get_absolute_url()).content.decode()
    assert "Bo Inside" in member


def test_desk_page_asks_after_it_said_whom(sign_in, priya, credit, community):
    client = sign_in(priya)
    base = f"/desk/library/resource/{credit.resource.pk}"
    credit.resource.credits.create(part="quoted", name="Guest Gil")
    page = client.get(f"{base}/people/").content.decode()
    assert "2 people can be recognized" in page
    page = client.get(f"{base}/ask/?visibility=public").content.decode()
    assert "Sam Speaker" in page
    assert "has no account" in page
    assert not Delivery.objects.filter(kind="consent_request").exists()
    for _ in range(2):
        client.post(f"{base}/ask/", {"visibility": "public"})
    assert Delivery.objects.filter(kind="consent_request").count() == 1
    credit.refresh_from_db()
    assert credit.consent == "asked"


def test_desk_page_adds_names_notes_and_removes(sign_in, priya, credit):
    client, rows = sign_in(priya), credit.resource.credits
    url = f"/desk/library/resource/{credit.resource.pk}/people/"
    client.post(url, {"do": "add", "part": "story", "name": "Elder ʔa", "is_named": "on"})
    elder = rows.get(name="Elder ʔa")
    client.post(url, {"do": "note", "credit": elder.public_id, "note": "Form, binder 2"})
    elder.refresh_from_db()
    assert (elder.consent, elder.consent_note) == ("given", "Form, binder 2")
    for _ in range(2):
        client.post(url, {"do": "unnamed", "credit": elder.public_id})
    elder.refresh_from_db()
    assert elder.is_named is False
    client.post(url, {"do": "back", "credit": elder.public_id})
    elder.refresh_from_db()
    assert elder.consent == "withdrawn"
    client.post(url, {"do": "remove", "credit": elder.public_id})
    assert not rows.filter(pk=elder.pk).exists()
    page = client.post(url, {"do": "remove", "credit": "gone"}, follow=True).content.decode()
    assert "changed meanwhile" in page
    page = client.post(url, {"do": "add", "part": "story"}).content.decode()
    assert "one of them" in page


def test_an_author_is_asked_about_the_name_only(community, priya, speaker):
    shown = make_resource(community, title="A card")
    row = add_credit(
        resource=shown, part="author", person=speaker, is_named=True, by=priya, now=NOW
    )
    path, client = consent_path(row), Client()
    assert "May we name you?" in client.get(path).content.decode()
    page = client.post(path, {"do": "no"}, follow=True).content.decode()
    assert "Your name stands nowhere" in page
    shown.refresh_from_db()
    assert shown.is_shown
    assert not Delivery.objects.filter(kind="consent_withdrawn").exists()
