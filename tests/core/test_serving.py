"""Files go out in pieces, as players and broken downloads ask for them (RFC 9110, 14)."""

import resource as limits
import tracemalloc
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.http import HttpResponseBase
from django.test import RequestFactory, override_settings
from django.utils.http import http_date

from cop.core.serving import CHUNK, OutOfRange, Pieces, file_response, wanted_range
from tests.core.far_storage import FarStorage
from tests.core.uploads import PDF

DATA = bytes(range(256)) * 600
SIZE = len(DATA)
LONG = "9" * 5000


class Kept:
    """What a FileField gives: a name, a size and its storage."""

    def __init__(self, storage: FileSystemStorage, name: str) -> None:
        self.storage, self.name = storage, name

    @property
    def size(self) -> int:
        return self.storage.size(self.name)


class Body:
    def __init__(self, content: bytes) -> None:
        self.content, self.is_closed = content, False

    def read(self, amount: int) -> bytes:
        piece, self.content = self.content[:amount], self.content[amount:]
        return piece

    def close(self) -> None:
        self.is_closed = True


class Bucket(FarStorage):
    """Gives a part, and refuses to open the whole (cop/core/s3.py)."""

    def read_part(self, name: str, first: int, length: int) -> Body:
        with self._near.open(name) as file:
            file.seek(first)
            self.body = Body(file.read(length))
        return self.body

    def _open(self, name: str, mode: str = "rb") -> Any:
        raise AssertionError("The whole file was fetched.")


@pytest.fixture(params=[FileSystemStorage, FarStorage, Bucket])
def kept(request: Any, tmp_path: Any) -> Kept:
    (tmp_path / "key").write_bytes(DATA)
    return Kept(request.param(tmp_path), "key")


def ask(kept: Any, method: str = "get", name: str = "talk.mp4", **headers: str) -> Any:
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    request = getattr(RequestFactory(), method)("/", headers=headers)
    return file_response(request, kept, name)


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined, call-overload]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-0", (0, 0)), ("bytes=0-", (0, 99)), ("bytes=10-19", (10, 19)),
        ("bytes=90-500", (90, 99)), ("bytes=99-", (99, 99)), (f"bytes=0-{LONG}", (0, 99)),
        ("bytes=-1", (99, 99)), ("bytes=-500", (0, 99)), (f"bytes=-{LONG}", (0, 99)),
        ("Bytes= 5-6 ", (5, 6)), ("bytes=007-8", (7, 8)),
        # Not understood, or not for us: the whole.
        ("", None), ("bytes", None), ("bytes=", None), ("bytes=-", None), ("bytes=9-5", None),
        ("bytes=a-b", None), ("bytes=--5", None), ("bytes=0x1-2", None), ("items=0-9", None),
        ("bytes=0-9,20-29", None), ("bytes=0-9;20-29", None), ("bytes=1.5-3", None),
        ("bytes=٠-٩", None), ("bytes=0- 9", None), ("bytes=+1-2", None),
    ],
)  # fmt: skip
def test_wanted_range(header: str, found: tuple[int, int] | None) -> None:
    assert wanted_range(header, 100) == found


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("bytes=100-", 100), ("bytes=100-200", 100), (f"bytes={LONG}-", 100), ("bytes=-0", 100),
        ("bytes=0-", 0), ("bytes=0-0", 0),
    ],
)  # fmt: skip
def test_wanted_range_outside(header: str, size: int) -> None:
    with pytest.raises(OutOfRange):
        wanted_range(header, size)


def test_last_bytes_of_an_empty_file_are_the_whole() -> None:
    assert wanted_range("bytes=-5", 0) is None


def test_whole(kept: Kept) -> None:
    response = ask(kept)

    assert response.status_code == 200
    assert body(response) == DATA
    assert response["Content-Length"] == str(SIZE)
    assert response["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in response
    assert "key" not in response["ETag"]


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0), (f"bytes=5-{CHUNK + 9}", 5, CHUNK + 9),
        (f"bytes={SIZE - 3}-", SIZE - 3, SIZE - 1), ("bytes=-10", SIZE - 10, SIZE - 1),
        ("bytes=0-", 0, SIZE - 1),
    ],
)  # fmt: skip
def test_part(kept: Kept, wanted: str, first: int, last: int) -> None:
    response = ask(kept, Range=wanted)

    assert response.status_code == 206
    assert body(response) == DATA[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response["Content-Length"] == str(last - first + 1)
    assert response["Content-Type"] == "video/mp4"


def test_outside(kept: Kept) -> None:
    response = ask(kept, Range=f"bytes={SIZE}-")

    assert (response.status_code, body(response)) == (416, b"")
    assert response["Content-Range"] == f"bytes */{SIZE}"


def test_several_parts_are_answered_with_the_whole(kept: Kept) -> None:
    response = ask(kept, Range="bytes=0-9,20-29")

    assert response.status_code == 200
    assert body(response) == DATA


def test_head_sends_nothing_and_knows_no_parts(kept: Kept) -> None:
    response = ask(kept, "head", Range="bytes=0-9")

    assert (response.status_code, body(response)) == (200, b"")
    assert response["Content-Length"] == str(SIZE)
    assert response["Accept-Ranges"] == "bytes"


def test_rest_only_of_the_same_file(kept: Kept) -> None:
    tag = ask(kept)["ETag"]

    assert ask(kept, Range="bytes=5-", If_Range=tag).status_code == 206
    for other in ('"other"', f"W/{tag}", "nonsense", http_date(0)):
        assert ask(kept, Range="bytes=5-", If_Range=other).status_code == 200


def test_rest_by_date(tmp_path: Any) -> None:
    (tmp_path / "key").write_bytes(DATA)
    kept = Kept(FileSystemStorage(tmp_path), "key")
    changed = ask(kept)["Last-Modified"]

    assert ask(kept, Range="bytes=5-", If_Range=changed).status_code == 206
    assert ask(kept, Range="bytes=5-", If_Range=http_date(9)).status_code == 200


def test_known_already(kept: Kept) -> None:
    tag = ask(kept)["ETag"]

    for known in (tag, f"W/{tag}", f'"a", {tag}', "*"):
        response = ask(kept, If_None_Match=known)
        assert (response.status_code, body(response)) == (304, b"")
        assert response["ETag"] == tag
    assert ask(kept, If_None_Match='"other"').status_code == 200


def test_another_file_has_another_tag(tmp_path: Any) -> None:
    tags = set()
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(DATA)
        tags.add(ask(Kept(FileSystemStorage(tmp_path), name))["ETag"])
    assert len(tags) == 2


def test_empty_file(tmp_path: Any) -> None:
    (tmp_path / "key").write_bytes(b"")
    kept = Kept(FileSystemStorage(tmp_path), "key")

    assert (ask(kept).status_code, body(ask(kept))) == (200, b"")
    assert ask(kept, Range="bytes=0-").status_code == 416
    assert ask(kept)["Content-Length"] == "0"


def test_source_is_closed(tmp_path: Any) -> None:
    (tmp_path / "key").write_bytes(DATA)
    storage = Bucket(tmp_path)
    body(ask(Kept(storage, "key")))
    assert storage.body.is_closed

    broken_off = Pieces(Kept(storage, "key"), 0, SIZE)
    next(iter(broken_off))
    broken_off.close()
    assert storage.body.is_closed


def test_never_shows_in_the_page() -> None:
    response = ask(ContentFile(PDF, name="key"), name='Été "1"\r\nX: y.pdf')

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        "attachment; filename=\"_t_ 1 X y.pdf\"; filename*=UTF-8''%C3%89t%C3%A9%201%20X%20y.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"
    assert body(response) == PDF


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "page.xhtml", "feed.xml", "a.js"])
def test_knows_no_dangerous_type(name: str) -> None:
    request = RequestFactory().get("/")
    response = file_response(request, ContentFile(b"<html>", name="key"), name, inline=True)

    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "how"),
    [("a.jpg", "inline"), ("a.webm", "inline"), ("a.pdf", "attachment"), ("a.txt", "attachment")],
)
def test_inline_keeps_every_other_guard(kept: Kept, name: str, how: str) -> None:
    response = file_response(RequestFactory().get("/"), kept, name, inline=True)  # type: ignore[arg-type]

    assert response["Content-Disposition"].startswith(how)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"].startswith("private")


@override_settings(X_ACCEL_PREFIX="/protected/")
def test_lets_the_proxy_read() -> None:
    response = ask(ContentFile(PDF, name="library/ab cd"), name="plan.pdf", Range="bytes=0-5")

    assert response["X-Accel-Redirect"] == "/protected/library/ab%20cd"
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Disposition"].startswith("attachment")
    assert "ETag" not in response


def test_half_a_gigabyte_costs_no_memory(tmp_path: Any) -> None:
    size = 500 * 1024 * 1024
    with (tmp_path / "key").open("wb") as file:
        file.truncate(size)
    kept = Kept(FileSystemStorage(tmp_path), "key")
    before = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss

    assert sum(map(len, ask(kept))) == size
    grown = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss - before

    tracemalloc.start()
    try:
        assert sum(map(len, ask(kept, Range=f"bytes={size - 90_000_000}-"))) == 90_000_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert grown < 8 * 1024  # kilobytes
    assert peak < 1024 * 1024
