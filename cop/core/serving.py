"""Handing out files: in pieces, with ranges (RFC 9110, 14), and never as something that runs."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.core.files import File
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from cop.core.filetypes import CONTENT_TYPES, SHOWN_KINDS
from cop.core.uploads import clean_name, extension_of

CHUNK = 64 * 1024
RANGE = re.compile(r"bytes[ \t]*=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE | re.ASCII)
UNKNOWN = "application/octet-stream"
Response = TypeVar("Response", bound=HttpResponseBase)


class OutOfRange(Exception):
    """No byte of the file lies in the range that was asked for."""


def file_response(
    request: HttpRequest, file: File, name: str, *, inline: bool = False
) -> HttpResponseBase:
    """The file to keep: nothing in it runs on our address (3.2.1).

    `inline`: for a picture, sound or film in our pages. Other kinds are never shown as they came.
    """
    name = clean_name(name)
    kind = extension_of(name)
    how = "inline" if inline and kind in SHOWN_KINDS else "attachment"
    content_type = CONTENT_TYPES.get(kind, UNKNOWN)
    prefix = getattr(settings, "X_ACCEL_PREFIX", "")
    if prefix:
        # The proxy reads the file itself, ranges too; the permission was asked here.
        response: HttpResponseBase = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = f"{prefix.rstrip('/')}/{quote(str(file.name))}"
    else:
        response = _own_response(request, file, content_type)
    # What is shown is asked for again with each look; what is kept leaves nothing behind.
    cache = "private, no-cache" if how == "inline" else "private, no-store"
    return _guard(response, f"{how}; {_named(name)}", cache=cache)


def made_response(content: bytes, content_type: str, *, etag: str) -> HttpResponse:
    """Something we made ourselves. The browser may keep it, and asks each time if it still may."""
    response = HttpResponse(content, content_type=content_type)
    response["ETag"] = etag
    return _guard(response, "inline", cache="private, no-cache")


def etag_of(*parts: object) -> str:
    """Says nothing of the key it is made of."""
    told = "\0".join(map(str, parts)).encode()
    return f'"{hashlib.sha256(told).hexdigest()[:32]}"'


def is_known(request: HttpRequest, etag: str) -> bool:
    """The browser has it already: HttpResponseNotModified will do."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or any(one.removeprefix("W/") == etag for one in known)


def wanted_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a Range header; nothing where the whole is to be sent.

    Raises OutOfRange. More than one range, another unit and nonsense are answered with the whole.
    """
    match = RANGE.fullmatch(header.strip())
    if match is None:
        return None
    # No file is that long; and nobody makes us count with thousands of digits.
    first, last = (part and (int(part) if len(part) < 19 else 10**18) for part in match.groups())
    if first == "" and last == "":
        return None
    if first == "":
        if last == 0:
            raise OutOfRange
        return (max(size - int(last), 0), size - 1) if size else None
    if last != "" and last < first:
        return None
    if int(first) >= size:
        raise OutOfRange
    return int(first), size - 1 if last == "" else min(int(last), size - 1)


def _named(name: str) -> str:
    ascii_name = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    return f"filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def _guard(response: Response, disposition: str, *, cache: str) -> Response:
    response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = cache
    return response


def _own_response(request: HttpRequest, file: File, content_type: str) -> HttpResponseBase:
    size = file.size
    # A key is random and names the same bytes for ever, so that it is as good as their sum.
    etag, changed = etag_of(file.name, size), _changed(file)
    answer: HttpResponseBase
    if is_known(request, etag):
        answer = HttpResponseNotModified()
    else:
        try:
            part = _part_of(request, size, etag, changed)
        except OutOfRange:
            answer = HttpResponse(status=416, content_type=content_type)
            answer["Content-Range"] = f"bytes */{size}"
        else:
            answer = _bytes_of(request, file, size, part)
            answer["Content-Type"] = content_type
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    if changed:
        answer["Last-Modified"] = changed
    return answer


def _bytes_of(
    request: HttpRequest, file: File, size: int, part: tuple[int, int] | None
) -> HttpResponseBase:
    first, last = part or (0, size - 1)
    length = last - first + 1
    answer: HttpResponseBase
    if request.method == "HEAD":
        answer = HttpResponse()
    else:
        answer = StreamingHttpResponse(Pieces(file, first, length))
    answer["Content-Length"] = str(length)
    if part:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer


def _part_of(request: HttpRequest, size: int, etag: str, changed: str) -> tuple[int, int] | None:
    """Only of GET, and only where the first part came from the same file (If-Range)."""
    if request.method != "GET" or "Range" not in request.headers:
        return None
    condition = request.headers.get("If-Range", "").strip()
    if condition and condition != etag and not _same_second(condition, changed):
        return None
    return wanted_range(request.headers["Range"], size)


def _same_second(told: str, changed: str) -> bool:
    said = parse_http_date_safe(told)
    return said is not None and bool(changed) and said == parse_http_date_safe(changed)


def _changed(file: Any) -> str:  # noqa: ANN401  a FieldFile, or a file without a storage
    """When it was put there. In a bucket that is one more question on the way, and not needed."""
    storage = getattr(file, "storage", None)
    if storage is None or hasattr(storage, "read_part"):
        return ""
    try:
        moment: datetime = storage.get_modified_time(file.name)
    except (OSError, NotImplementedError):
        return ""
    return http_date(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


class Pieces:
    """`length` bytes from `first` on, a piece at a time. A bucket is asked for that part alone.

    The file is opened before the first header leaves: who has lost it answers so (404, 503).
    """

    def __init__(self, file: Any, first: int, length: int) -> None:  # noqa: ANN401
        storage = getattr(file, "storage", None)
        self.left = length
        if length and hasattr(storage, "read_part"):
            self.source: Any = storage.read_part(file.name, first, length)
        else:
            # Of its own, not the one that the row holds: that is closed when it likes.
            self.source = storage.open(file.name, "rb") if storage else file.open("rb")
            self.source.seek(first)

    def __iter__(self) -> Iterator[bytes]:
        while self.left and (piece := self.source.read(min(CHUNK, self.left))):
            self.left -= len(piece)
            yield piece
        self.close()

    def close(self) -> None:
        self.source.close()
