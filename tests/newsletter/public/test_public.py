"""What everybody sees and does: archive, feed, form, code, poster; and the proof at the desk."""

import re
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from pypdf import PdfReader

from members.models import Community
from newsletter.posters import newsletter_poster_pdf, qr_svg
from outbox.models import Consent, Delivery, Subscription
from tests.factories import NOW, make_staff
from tests.newsletter.makers import make_issue, make_item, make_resource, newsletter_list, subscribe

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def issue(community):
    issue = make_issue(
        community, state="sent", subject_fr="Des règles plus douces", intro="Hello **you**.",
        intro_fr="Bonjour.",
    )  # fmt: skip
    make_item(issue, "Open <b>words</b> ʔa", text="See [here](https://one.example/).",
              title_fr="Mots ouverts")  # fmt: skip
    make_item(issue, "Inside title", text="Inside words", edition="members")
    return issue


def url(name, community, *args):
    return reverse(f"newsletter:{name}", args=[community.slug, *args])


def test_the_page_speaks_the_language_of_its_reader(client, issue):
    assert "Kinder house rules" in client.get(issue.get_absolute_url()).content.decode()
    client.cookies["django_language"] = "fr"
    body = client.get(issue.get_absolute_url(), headers={"accept-language": "fr"}).content.decode()
    assert "Des règles plus douces" in body
    assert "Mots ouverts" in body


def test_an_issue_in_the_other_language_alone_says_so_to_screen_readers(client, issue):
    issue.subject = issue.intro = ""
    issue.save()
    assert '<article lang="fr">' in client.get(issue.get_absolute_url()).content.decode()


def test_what_has_left_keeps_its_day_when_the_meeting_moves(client, community, issue):
    from tests.newsletter.makers import make_past_meeting

    meeting = make_past_meeting(community, audience="public")
    make_item(
        issue, "Drill", kind="meeting_recap", source=f"meeting:{meeting.public_id}",
        starts_at=meeting.starts_at, ends_at=meeting.ends_at, zone=meeting.timezone,
    )  # fmt: skip
    meeting.local_date = meeting.local_date.replace(day=20)
    meeting.save()
    body = client.get(issue.get_absolute_url()).content.decode()
    assert "19 November" in body
    assert "20 November" not in body


def test_feed_is_atom_for_everybody_and_nobody_more(client, community, issue, dani, sign_in):
    make_issue(community, number=6, period_from=NOW.date(), state="draft", subject="Not yet")
    for reader in (client, sign_in(dani)):
        answer = reader.get(url("feed", community) + "?lang=en")
        body = answer.content.decode()
        assert answer["Content-Type"].startswith("application/atom+xml")
        assert "Inside" not in body
        assert "Not yet" not in body
        root = ElementTree.fromstring(body)
        entry = root.find(f"{ATOM}entry")
        assert entry.find(f"{ATOM}title").text == "Kinder house rules"
        content = entry.find(f"{ATOM}summary").text
        assert "&lt;b&gt;words" in content
        assert 'href="https://one.example/"' in content


def test_feed_in_french_and_its_tag(client, community, issue):
    address = url("feed", community) + "?lang=fr"
    answer = client.get(address)
    assert "Des règles plus douces" in answer.content.decode()
    again = client.get(address, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(address)["ETag"] == answer["ETag"]
    assert client.get(url("feed", community) + "?lang=en")["ETag"] != answer["ETag"]


def test_feed_changes_when_something_is_not_public_any_more(client, community, issue):
    resource = make_resource(community, title="Public card", visibility="public")
    make_item(issue, "Public card", source=f"resource:{resource.public_id}", position=30)
    before = client.get(url("feed", community))
    assert "Public card" in before.content.decode()
    resource.visibility = "members"
    resource.save()
    after = client.get(url("feed", community), headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert "Public card" not in after.content.decode()


def test_pages_of_an_archived_community_are_gone(client, community, issue):
    Community.objects.update(status="archived")
    for name in ("feed", "embed", "qr"):
        assert client.get(url(name, community)).status_code == 404


@pytest.mark.parametrize("count", [1, 12])
def test_feed_asks_as_often_for_many(client, community, count, django_assert_max_num_queries):
    for number in range(count):
        one = make_issue(community, number=number + 1, state="sent",
                         period_from=NOW.date().replace(day=number + 1))  # fmt: skip
        make_item(one, f"Words {number}")
    with django_assert_max_num_queries(4 + 2 * 12):
        assert client.get(url("feed", community)).status_code == 200


def test_embed_may_stand_anywhere_and_needs_no_cookie(client, community):
    address = url("embed", community) + "?lang=fr"
    answer = client.get(address, headers={"origin": "https://elsewhere.example"})
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert 'lang="fr"' in answer.content.decode()
    assert not answer.cookies
    # Every other page stays where it is.
    other = client.get(url("newsletter_subscribe", community))
    assert "frame-ancestors *" not in other["Content-Security-Policy"]


@pytest.mark.parametrize(("name", "source"), [
    ("embed", "double opt-in, embed"), ("newsletter_subscribe", "double opt-in"),
    ("qr", "double opt-in, qr"), ("forged", "double opt-in"),
])  # fmt: skip
def test_the_proof_says_where_the_address_was_typed(client, community, name, source):
    way = {"embed": url("embed", community)}.get(name, url("newsletter_subscribe", community))
    way += {"qr": "?from=qr", "forged": "?from=<script>"}.get(name, "")
    client.post(way, {"address": "reader@one.example"})
    mail = Delivery.objects.get(kind="confirm_subscription")
    link = re.search(r"https?://[^\s/]+(/m/\S+)", mail.text)[1]
    assert not Consent.objects.exists()
    client.post(link)
    consent = Consent.objects.get(given=True)
    assert consent.source == source


def test_embed_says_what_is_wrong_and_ignores_machines(client, community):
    way = url("embed", community)
    assert "an address reads like" in client.post(way, {"address": "x"}).content.decode()
    answer = client.post(way, {"address": "a@one.example", "website": "spam"})
    assert "Look into your mail" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_code_and_poster_lead_to_the_page(community, tmp_path):
    community.name = "Every Door ʔa x̱ ə"
    community.save()
    assert qr_svg(community).startswith("<?xml")
    for language in ("en", "fr"):
        path = tmp_path / f"{language}.pdf"
        path.write_bytes(newsletter_poster_pdf(community, language=language))
        text = PdfReader(path).pages[0].extract_text()
        assert "ʔa" in text
        assert f"/{community.slug}/newsletter/subscribe/" in text


def test_invite_page_has_link_form_code_and_posters(community, priya, sign_in):
    client = sign_in(priya)
    body = client.get(reverse("admin:newsletter_invite")).content.decode()
    assert "&lt;iframe src=" in body
    assert url("newsletter_subscribe", community) in body
    poster = reverse("admin:newsletter_invite_poster", args=[community.slug, "fr"])
    assert client.get(poster)["Content-Type"] == "application/pdf"


def proof(client, address, **data):
    return client.post(reverse("admin:outbox_subscription_proof"), {"address": address} | data)


def test_proof_says_who_said_what_by_which_words(community, other_community, priya, dani, sign_in):
    row = subscribe(dani, community)
    client = sign_in(priya)
    body = proof(client, dani.email.upper()).content.decode()
    assert "Said yes" in body
    assert "UTC" in body
    # The words as they were, also after the account is gone.
    address, _gone = dani.email, Subscription.objects.filter(pk=row.pk).delete()
    dani.email = "gone@nowhere.example"
    dani.save()
    assert "Said yes" in proof(client, address).content.decode()
    table = proof(client, address, do="table")
    assert table["Content-Type"].startswith("text/csv")
    assert "test" in table.content.decode()


def test_proof_of_another_community_is_not_told(other_community, community, priya, dani, sign_in):
    subscribe(dani, other_community)
    assert "Nothing was ever said" in proof(sign_in(priya), dani.email).content.decode()


def test_proof_is_for_coordinators_and_leaves_no_address_behind(community, dani, sign_in):
    from cop.core.models import AuditEvent

    editor = make_staff(community, "editor")
    assert proof(sign_in(editor), dani.email).status_code == 403
    priya = make_staff(community, "coordinator")
    proof(sign_in(priya), "who@one.example")
    event = AuditEvent.objects.get(action="proof_viewed")
    assert "who@one.example" not in f"{event.reason}{event.old}{event.new}{event.object_id}"


def test_an_old_list_is_looked_at_before_anything_is_written(community, priya, dani, sign_in):
    client = sign_in(priya)
    subscribe(dani, community)
    way = reverse("admin:outbox_subscription_add")
    data = {
        "community": community.pk, "proof": "Sign-in sheet of May", "ended_on": NOW.date(),
        "addresses": f"\ufeffnew@one.example\nno address\nnew@one.example;{dani.email}",
    }  # fmt: skip
    data["ended_on"] = "2026-11-01"
    looked = client.post(way, data).content.decode()
    assert "Nothing is written yet" in looked
    for words in ("Added (1)", "Not an e-mail address (1)", "Stands here twice (1)"):
        assert words in looked
    assert not Subscription.objects.filter(address="new@one.example").exists()
    assert not Consent.objects.filter(source="import").exists()
    done = client.post(way, data | {"do": "add"}).content.decode()
    assert "Added (1)" in done
    assert Subscription.objects.get(address="new@one.example").mailing_list == newsletter_list(
        community
    )


def test_pictures_of_what_has_left_open_for_mail_programs(client, community, issue, priya, sign_in):
    picture = issue.pictures.create(
        alt="A door", content_type="image/jpeg", content=b"\xff\xd8x", width=2, height=2,
        added_at=NOW,
    )  # fmt: skip
    issue.items.update(picture=picture)
    way = url("issue_picture", community, issue.number, picture.public_id)
    answer = client.get(way)
    assert (answer.status_code, answer.content) == (200, b"\xff\xd8x")
    assert "immutable" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert 'alt="A door"' in client.get(issue.get_absolute_url()).content.decode()
    issue.state = "editing"
    issue.save()
    assert client.get(way).status_code == 404
    assert sign_in(priya).get(way).status_code == 200
    assert client.get(url("issue_picture", community, issue.number, "nothing")).status_code == 404
