"""Files shown and handed out: to those who may, never as something that runs."""

from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from cop.core.keeping_files import ROW_COMES_WITHIN, sweep
from cop.demo.documents import pdf
from library.actions import pages
from library.actions.pages import ONE_AT_A_TIME
from library.models import Resource, ResourceWeek
from members.models import Community, User
from tests.core.far_storage import FAR
from tests.core.uploads import MP4, VTT, picture
from tests.factories import NOW
from tests.library.factories import make_resource

WAYS = ("file/", "view/", "page/1/", "captions.vtt")


def keep(community: Community, name: str, content: bytes, **fields: Any) -> Resource:
    kind = name.rpartition(".")[2]
    return make_resource(
        community,
        **{
            "file": ContentFile(content, name="key"), "file_name": name, "file_type": kind,
            "file_size": len(content),
        } | fields,
    )  # fmt: skip


def paper(community: Community, number: int = 3, **fields: Any) -> Resource:
    content = pdf([f"Page {n} of the night" for n in range(1, number + 1)])
    return keep(community, "plan.pdf", content, preview_pages=number, text_state="read", **fields)


def film(community: Community, **fields: Any) -> Resource:
    captions = ContentFile(VTT, name="key")
    return keep(community, "talk.mp4", MP4, captions=captions, kind="recording", **fields)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def page(client: Any, resource: Resource, query: str = "") -> str:
    answer = client.get(resource.get_absolute_url() + query)
    assert answer.status_code == 200
    return answer.content.decode()


def statuses(client: Any, *resources: Resource) -> set[int]:
    ways = [f"{one.get_absolute_url()}{way}" for one in resources for way in WAYS]
    return {client.get(way).status_code for way in ways}


# --- Who may


def test_each_way_asks_who_may(
    client, sign_in, community, dani, stranger, funder, lapsed, newcomer, ally
):
    inside = [make(community, visibility="members") for make in (paper, film)]

    assert statuses(sign_in(dani), *inside) == {200, 404}  # a film has no pages, a paper no sound
    for way in ("file/", "page/2/"):
        assert sign_in(dani).get(inside[0].get_absolute_url() + way).status_code == 200
    for way in ("file/", "view/", "captions.vtt"):
        assert sign_in(dani).get(inside[1].get_absolute_url() + way).status_code == 200
    for person in (stranger, funder, lapsed, newcomer, ally):
        assert statuses(sign_in(person), *inside) == {404}
    assert statuses(client, *inside) <= {302, 404}


def test_public_ones_are_for_everybody(client, community):
    resource = film(community)

    for way in ("file/", "view/", "captions.vtt"):
        assert client.get(resource.get_absolute_url() + way).status_code == 200


def test_what_waits_for_the_librarian_is_for_who_sent_it(sign_in, community, dani, priya, ally):
    resource = paper(community, state="in_review", submitted_by=dani, visibility="members")

    for person, status in ((dani, 200), (priya, 200), (ally, 404)):
        address = resource.get_absolute_url() + "page/1/"
        assert sign_in(person).get(address).status_code == status


def test_withdrawn_gives_nothing(client, sign_in, community, dani):
    gone = [make(community, state="withdrawn", return_reason="Old") for make in (paper, film)]

    assert statuses(client, *gone) == {404}
    assert statuses(sign_in(dani), *gone) == {404}
    text = client.get(gone[0].get_absolute_url()).content.decode()
    assert "/page/" not in text
    assert "/view/" not in text


@pytest.mark.parametrize(("state", "scanner"), [("infected", ""), ("pending", "far:1")])
def test_unchecked_and_harmful_files_give_nothing(client, settings, community, state, scanner):
    settings.CLAMAV_ADDRESS = scanner
    resources = [
        paper(community, scan_state=state),
        keep(community, "a.jpg", picture(), scan_state=state),
    ]

    for resource in resources:
        for way in ("view/", "page/1/"):
            assert client.get(resource.get_absolute_url() + way).status_code == 404
        assert client.get(resource.get_absolute_url() + "file/").status_code == 409
        text = page(client, resource)
        assert "/view/" not in text
        assert "/page/" not in text


def test_lost_file(client, community):
    resource = film(community)
    default_storage.delete(resource.file.name)

    assert client.get(resource.get_absolute_url() + "view/").status_code == 404
    assert client.get(resource.get_absolute_url() + "file/").status_code == 404
    assert page(client, resource)


# --- How they go out


@pytest.mark.parametrize("storages", [{}, {"default": FAR}])
def test_parts_for_a_player(client, settings, community, storages):
    with override_settings(STORAGES=settings.STORAGES | storages):
        resource = film(community)
        address = resource.get_absolute_url() + "view/"
        part = client.get(address, headers={"Range": "bytes=4-7"})
        head = client.head(address)

        assert (part.status_code, body(part)) == (206, MP4[4:8])
        assert part["Content-Range"] == f"bytes 4-7/{len(MP4)}"
        assert part["Content-Type"] == "video/mp4"
        assert part["Content-Disposition"].startswith("inline")
        assert (head.status_code, head["Content-Length"]) == (200, str(len(MP4)))
        assert client.get(address, headers={"Range": "bytes=99999-"}).status_code == 416
        tag = client.get(address)["ETag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_rest_of_a_download(client, community):
    resource = paper(community)
    address = resource.get_absolute_url() + "file/"
    whole = client.get(address)
    headers = {"Range": "bytes=10-", "If-Range": whole["ETag"]}

    assert body(client.get(address, headers=headers)) == body(whole)[10:]


@override_settings(X_ACCEL_PREFIX="/_media")
def test_proxy_reads_what_we_allowed(client, sign_in, community, dani):
    resource = film(community, visibility="members")
    for way in ("file/", "view/"):
        address = resource.get_absolute_url() + way
        assert "X-Accel-Redirect" not in client.get(address)
        answer = sign_in(dani).get(address, headers={"Range": "bytes=0-3"})
        assert answer["X-Accel-Redirect"] == f"/_media/{resource.file.name}"
        assert (answer.status_code, answer.content) == (200, b"")


NAMES = ["page.html", "x.svg", "x.xhtml", "a.js", "plain", "a.pdf"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_makes_nothing_run(client, community, name):
    """A picture by its checked kind, whatever somebody called it."""
    resource = keep(community, "a.jpg", picture(), file_name=name)
    for way in ("file/", "view/"):
        answer = client.get(resource.get_absolute_url() + way)
        assert answer["Content-Type"] in {
            "image/jpeg", "application/octet-stream", "application/pdf",
        }  # fmt: skip
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["Cache-Control"].startswith("private, no-")


@pytest.mark.parametrize("kind", ["pdf", "docx", "txt", "html", "svg", ""])
def test_other_kinds_are_never_shown_as_they_came(client, community, kind):
    resource = keep(community, "a.txt", b"<script>alert(1)</script>", file_type=kind)

    assert client.get(resource.get_absolute_url() + "view/").status_code == 404


def test_looking_is_not_taking(client, community):
    resource = film(community)
    for way in ("view/", "captions.vtt"):
        client.get(resource.get_absolute_url() + way)
    assert not ResourceWeek.objects.filter(taken__gt=0).exists()


# --- Pages


def test_page_is_drawn_once_and_kept(client, community, monkeypatch):
    resource = paper(community)
    address = resource.get_absolute_url() + "page/2/"
    first = client.get(address)
    monkeypatch.setattr(pages, "draw_page", None)
    second = client.get(address)

    assert first.content == second.content
    assert first.content.startswith(b"\xff\xd8\xff")
    assert first["Content-Type"] == "image/jpeg"
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Content-Security-Policy"] == "sandbox; default-src 'none'"
    known = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_no_other_pages(client, community):
    resource = paper(community, number=2)

    for number in ("0", "3", "51", "99999999999999999999"):
        assert client.get(f"{resource.get_absolute_url()}page/{number}/").status_code == 404
    assert client.get(f"{resource.get_absolute_url()}page/-1/").status_code == 404


def test_page_that_cannot_be_drawn_is_not_tried_again(client, community, monkeypatch):
    cache.clear()
    resource = keep(community, "bad.pdf", b"%PDF-1.7 nothing", preview_pages=1)
    address = resource.get_absolute_url() + "page/1/"
    tried = []
    monkeypatch.setattr(pages, "draw_page", lambda *a, **k: tried.append(1))

    assert {client.get(address).status_code for _time in range(3)} == {404}
    assert tried == [1]


def test_one_page_is_drawn_at_a_time(client, community, monkeypatch):
    monkeypatch.setattr(pages, "WAIT_SECONDS", 0.01)
    resource = paper(community)
    with ONE_AT_A_TIME:
        answer = client.get(resource.get_absolute_url() + "page/1/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert client.get(resource.get_absolute_url() + "page/1/").status_code == 200


def test_pages_of_a_file_in_a_bucket(client, settings, community):
    with override_settings(STORAGES=settings.STORAGES | {"default": FAR}):
        answer = client.get(paper(community).get_absolute_url() + "page/1/")
        assert answer.content.startswith(b"\xff\xd8\xff")


def test_pages_go_when_their_file_does(client, community):
    resource = paper(community)
    client.get(resource.get_absolute_url() + "page/1/")
    kept = pages.page_path(resource, 1)
    later = default_storage.get_modified_time(kept) + ROW_COMES_WITHIN * 2

    sweep(now=later)
    assert default_storage.exists(kept)
    Resource.objects.filter(pk=resource.pk).delete()
    sweep(now=later)
    assert not default_storage.exists(kept)


# --- In the page


def test_pages_in_the_page(client, community):
    resource = paper(community, number=20, file_text="The words of the night")
    text = page(client, resource)

    assert text.count("<img") == 3
    assert 'alt="Page 1 of 20"' in text
    assert "?pages=13#page-4" in text
    assert "The words of the night" in text
    more = page(client, resource, "?pages=13")
    assert 'alt="Page 13 of 20"' in more
    assert "?pages=23#page-14" in more
    assert page(client, resource, "?pages=23").count('alt="Page ') == 20
    for nonsense in ("x", "-1", "0", "1", "999", "99999999999", "٣", "1.5", ""):
        assert page(client, resource, f"?pages={nonsense}").count('alt="Page ') in {3, 20}


def test_film_with_captions_chapters_and_transcript(client, community):
    resource = film(
        community, language="fr", transcript="Bonsoir\n\n<b>tous</b>",
        chapters="0:00 Accueil\n1:05 Ce qui aide",
    )  # fmt: skip
    text = page(client, resource)

    assert '<video class="preview" controls preload="metadata"' in text
    assert 'type="video/mp4"' in text
    assert f'<track kind="captions" src="{resource.get_absolute_url()}captions.vtt"' in text
    assert 'srclang="fr"' in text
    assert 'data-seek="65">1:05</span>' in text
    assert "&lt;b&gt;tous" in text
    assert "js/player" in text


def test_captions_are_written_anew(client, community):
    answer = client.get(film(community).get_absolute_url() + "captions.vtt")

    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    said = "WEBVTT\n\n00:00:00.000 --> 00:00:04.000\nGood evening\n"
    assert answer.content.decode() == said


def test_captions_that_are_none(client, community):
    resource = make_resource(community, captions=ContentFile(b"<html>", name="key"))

    assert client.get(resource.get_absolute_url() + "captions.vtt").status_code == 404
    other = make_resource(community)
    assert client.get(other.get_absolute_url() + "captions.vtt").status_code == 404


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("a.jpg", {}, '<img src="'),
        ("a.png", {}, '<img src="'),
        ("a.mp3", {}, "<audio"),
        ("a.m4a", {}, 'type="audio/mp4"'),
        ("a.webm", {}, 'type="video/webm"'),
        ("a.txt", {"text_state": "read", "file_text": "<i>Nights</i>"}, "&lt;i&gt;Nights"),
        ("a.docx", {"text_state": "read", "file_text": "Nights"}, "Nights</pre>"),
        ("a.txt", {"text_state": "read", "file_text": "x" * 20_001}, "There is more"),
        ("a.pdf", {"text_state": "waiting"}, "We are reading this file"),
        ("a.pdf", {"text_state": "failed"}, "We cannot show this file here"),
        ("a.docx", {"text_state": "empty"}, "We cannot show this file here"),
    ],
)
def test_what_each_kind_shows(client, community, name, fields, words):
    resource = keep(community, name, b"x", **fields)
    text = page(client, resource)

    assert words in text
    assert f'{resource.get_absolute_url()}file/"' in text


def test_link_to_a_recording_shows_what_is_said(client, community):
    resource = make_resource(community, transcript="Good evening", chapters="0:10 Start")
    text = page(client, resource)

    assert "Good evening" in text
    assert "0:10" in text
    assert "<video" not in text
    assert "We cannot show" not in text


def test_preview_costs_no_question(client, community):
    client.get("/")
    counts = []
    for resource in (
        make_resource(community),
        paper(community, number=30, file_text="Nights " * 9000),
        film(community, transcript="T", chapters="0:01 A\n0:02 B"),
    ):
        with CaptureQueriesContext(connection) as queries:
            client.get(resource.get_absolute_url(), headers={"User-Agent": "bot"})
        counts.append(len(queries))
    assert len(set(counts)) == 1


def test_view_costs_few_questions(sign_in, community, dani: User):
    resource = film(community, visibility="members", published_at=NOW)
    client = sign_in(dani)
    with CaptureQueriesContext(connection) as queries:
        client.get(resource.get_absolute_url() + "view/")
    assert len(queries) <= 6
