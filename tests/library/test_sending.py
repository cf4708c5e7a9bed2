"""Sending in from a phone: one thing, a few words, the rest is guessed and tidied (L7)."""

import pytest

from library.models import Resource, ResourceCredit
from tests.core.uploads import PDF, picture, upload
from tests.library.factories import make_resource

ADD = "/every-door/library/add/"
SHORT = {
    "title": "Night card", "summary": "For nights.", "visibility": "members_and_allies",
    "language": "en",
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "kind", "rights"),
    [
        ({"url": "a.example/card"}, "link", "link_only"),
        ({"body": "Ask first."}, "tool", "own"),
        ({"file": ("photo.jpg", "picture")}, "tool", "own"),
        (
            {"url": "a.example/", "kind": "guideline", "rights": "cc_by"},
            "guideline",
            "cc_by",
        ),
    ],
)
def test_the_short_form_is_enough(sign_in, community, dani, given, kind, rights):
    if "file" in given:
        given = {"file": upload("photo.jpg", picture())}
    sign_in(dani).post(ADD, SHORT | given)

    resource = Resource.objects.get()
    assert (resource.kind, resource.rights) == (kind, rights)
    assert (resource.state, resource.sensitivity) == ("in_review", "none")


def test_one_thing_at_a_time(sign_in, community, dani):
    client = sign_in(dani)
    both = client.post(ADD, SHORT | {"url": "https://a.example/", "body": "And a text"})
    assert "Give just one" in both.content.decode()
    # What was typed is still there.
    assert "And a text" in both.content.decode()
    none = client.post(ADD, SHORT)
    assert "Choose a photo or a file, or give a link or a text" in none.content.decode()
    assert not Resource.objects.exists()


def test_a_file_has_to_be_chosen_again_and_the_page_says_so(sign_in, community, dani):
    answer = sign_in(dani).post(ADD, SHORT | {"title": "", "file": upload("a.pdf", PDF)})
    assert "Choose the file once more" in answer.content.decode()


def test_what_is_folded_opens_where_it_needs_a_look(sign_in, community, dani):
    client = sign_in(dani)
    assert 'send-more"' in client.get(ADD).content.decode()
    bad = SHORT | {"url": "https://a.example/", "topics": "a,b,c,d,e,f,g"}
    assert 'send-more" open' in client.post(ADD, bad).content.decode()


def test_a_librarian_hears_what_is_missing(sign_in, community, priya):
    words = SHORT | {"url": "https://a.example/", "kind": "best_practice", "rights": "own"}
    page = sign_in(priya).post(ADD, words, follow=True).content.decode()
    assert "the desk says what has to be done first" in page
    assert Resource.objects.get().state == "in_review"


@pytest.mark.parametrize("who", ["dani", "priya"])
def test_somebody_in_it_is_asked_first(request, sign_in, community, who):
    words = SHORT | {"url": "https://a.example/", "shows_people": "on", "sensitivity": "story"}
    client = sign_in(request.getfixturevalue(who))
    for _press in range(2):
        answer = client.post(ADD, words, follow=True)
        assert answer.status_code == 200
    resource = Resource.objects.get()
    # Not even the librarian puts it out at once (L4).
    assert (resource.state, resource.sensitivity) == ("in_review", "story")
    assert ResourceCredit.objects.get().part == "speaker"


def test_a_change_takes_the_new_thing(sign_in, community, dani):
    resource = make_resource(community, state="in_review", submitted_by=dani)
    path = f"{resource.get_absolute_url()}edit/"
    client = sign_in(dani)
    text = client.get(path).content.decode()
    assert "shows_people" not in text
    # What it was does not decide what it becomes.
    assert 'name="what"' not in text

    same = SHORT | {"url": resource.url, "kind": "tool", "rights": "own"}
    client.post(path, same | {"file": upload("a.pdf", PDF)})
    resource.refresh_from_db()
    assert (resource.url, resource.file_name) == ("", "a.pdf")
    client.post(path, SHORT | {"title": "Only words"})
    resource.refresh_from_db()
    assert (resource.title, resource.file_name) == ("Only words", "a.pdf")
    client.post(path, SHORT | {"body": "Now a text"})
    resource.refresh_from_db()
    assert (resource.body, resource.file_name) == ("Now a text", "")
