"""F21: each is refused with a way out, or harmless wherever it is handed out; never an error page,
and nothing stays behind. Here through the real form; tests/faults/test_files_hostile.py sends the
same through a real server and looks at its memory and its time."""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import NoReverseMatch, reverse

from cop.core.uploads import UploadRefused, check_upload
from library import urls
from library.models import Resource
from tests.core.uploads import PDF, upload
from tests.library.hostile import Hostile, kept
from tests.library.hostile.catalogue import CATALOGUE
from tests.library.hostile.harmless import what_is_wrong
from tests.library.hostile.pictures import PHP, SCRIPT
from tests.library.hostile.sending import content_of, send

ADD = "/every-door/library/add/"
NAMES = [pattern.name for pattern in urls.urlpatterns]


@pytest.fixture(autouse=True)
def temp(settings: Any, tmp_path: Path, monkeypatch: Any) -> Iterator[Path]:
    """Most files come in over the disk, as large ones do."""
    folder = tmp_path / "temp"
    folder.mkdir()
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not list(folder.iterdir())


def nameless_files() -> int:
    """Open files that have no name any more."""
    gc.collect()
    places = Path("/proc/self/fd")
    if not places.exists():
        return 0
    links = []
    for one in places.iterdir():
        try:
            links.append(os.readlink(one))
        except OSError:
            continue
    return sum("(deleted)" in link for link in links)


def files_in(folder: str) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def test_the_catalogue_is_large_enough():
    assert len(CATALOGUE) >= 60
    assert {one.fate for one in CATALOGUE.values()} == {"kept", "refused"}


@pytest.mark.parametrize("about", CATALOGUE)
def test_check_upload_refuses_with_a_way_out_or_keeps(about):
    hostile = CATALOGUE[about]
    file = upload(hostile.name, hostile.content)
    if hostile.fate == "kept":
        check_upload(file).content_file.close()
        return
    with pytest.raises(UploadRefused) as refusal:
        check_upload(file)
    assert "Tip" in str(refusal.value) or "These work" in str(refusal.value)


@pytest.mark.parametrize("about", CATALOGUE)
def test_form_refuses_or_keeps_what_is_harmless(request, settings, sign_in, community, dani, about):
    hostile, before = CATALOGUE[about], nameless_files()
    client = sign_in(dani)
    answer = send(client, ADD, hostile)

    if hostile.fate == "refused":
        assert answer.status_code in {200, 400, 422}
        assert "Tip" in answer.content.decode() or "These work" in answer.content.decode()
        assert not Resource.objects.exists()
        assert not files_in(settings.MEDIA_ROOT)
    else:
        assert answer.status_code == 302, answer.content.decode()
        resource = Resource.objects.get()
        assert [path.name for path in files_in(settings.MEDIA_ROOT)] == [
            resource.file.name.rpartition("/")[2]
        ]
        _is_harmless_at_every_door(client, sign_in(AnonymousUser()), resource)
    del answer
    assert nameless_files() <= before


def _is_harmless_at_every_door(client: Any, visitor: Any, resource: Resource) -> None:
    address = reverse("library:resource_file", args=["every-door", resource.public_id])
    # Waiting for the librarian, nobody else sees it.
    assert visitor.get(address).status_code in {302, 403, 404}
    Resource.objects.update(state="published", published_at=resource.created_at)
    for who in (client, visitor):
        answer = who.get(address)
        assert answer.status_code == 200
        assert what_is_wrong(answer.headers) == []
        content = content_of(answer)
        if resource.file_type in {"png", "jpg"}:
            assert SCRIPT not in content
            assert PHP not in content
            assert b"Secret" not in content
        for name in NAMES:
            _look_behind(who, name, resource)


def _look_behind(client: Any, name: str, resource: Resource) -> None:
    """Whatever else answers for this resource: our own page, or a harmless file."""
    try:
        address = reverse(f"library:{name}", args=["every-door", resource.public_id])
    except NoReverseMatch:
        return
    answer = client.get(address)
    assert answer.status_code < 500, name
    kind, page = answer.headers.get("Content-Type", ""), content_of(answer)
    if kind.startswith("text/html"):
        assert SCRIPT not in page
        assert b"<img src=x" not in page
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    elif page == resource.file.read():
        assert what_is_wrong(answer.headers) == [], name
    else:
        # Made by us (a line to cite it): of a kind that no browser runs.
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not any(word in kind for word in ("html", "svg", "javascript"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/html", "Content-Disposition": "attachment"},
        {"Content-Type": "application/pdf", "Content-Disposition": "inline"},
        {"Content-Type": "image/svg+xml", "Content-Disposition": "attachment"},
        {"Content-Type": "image/png", "Content-Disposition": 'inline; filename="a"\r\nX: "b"'},
    ],
)
def test_the_rule_itself_notices_what_is_not_harmless(headers):
    """The control."""
    good = {
        "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }  # fmt: skip
    fine = {"Content-Type": "application/pdf", "Content-Disposition": "attachment"}
    assert what_is_wrong(good | fine) == []
    assert what_is_wrong(good | headers)
    assert what_is_wrong(fine | {"Cache-Control": "private"})


def test_scanner_s_sign_never_leaves_where_there_is_a_scanner(settings, sign_in, community, dani):
    settings.CLAMAV_ADDRESS = "127.0.0.1:1"
    client = sign_in(dani)
    send(client, ADD, CATALOGUE["sign that scanners know"])
    resource = Resource.objects.get()

    for state in ("pending", "infected"):
        Resource.objects.update(scan_state=state)
        answer = client.get(f"{resource.get_absolute_url()}file/")
        assert answer.status_code == 409
        assert b"EICAR" not in content_of(answer)


def test_name_that_is_kept_is_the_one_that_is_shown(sign_in, community, dani):
    send(sign_in(dani), ADD, kept("ƛ̓əm̓ ʔa – été.pdf", PDF))

    assert Resource.objects.get().file_name == "ƛ̓əm̓ ʔa – été.pdf"


def test_length_that_the_part_claims_is_not_believed(sign_in, community, dani):
    """Each part says that it is one byte long (sending.py)."""
    send(sign_in(dani), ADD, Hostile("plan.pdf", PDF, "kept"))

    assert Resource.objects.get().file_size == len(PDF)
