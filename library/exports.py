"""The library written out: a table of what one may see, and a folder that can come back in."""

import csv
import io
from collections.abc import Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db.models import QuerySet, Sum

from cop.core.scan import servable_states
from cop.core.storages import StorageAway
from cop.core.uploads import MEGABYTE, clean_name
from cop.core.zipcheck import CHUNK
from library.importing.columns import IGNORED, NAMES, guard
from library.models import Resource
from members.models import Community, User

log = structlog.get_logger(__name__)
MOST_BYTES = 500 * MEGABYTE
ROWS = 200
COLUMNS = [names[0] for names in NAMES.values()]
OWN = [name for name in NAMES if name not in {"file", "stream"}]
READ = [*OWN, "stream__name", "public_id", "file", "file_name", "scan_state", "published_at"]
# Excel takes UTF-8 for what it is by this mark alone.
MARK = "\ufeff"


def to_export(community: Community, person: User) -> QuerySet[Resource]:
    """What this person may see in the library, oldest first."""
    rows = Resource.objects.visible_to(person).published().filter(community=community)
    return rows.order_by("pk")


def size_of_files(rows: QuerySet[Resource]) -> int:
    files = rows.exclude(file="").filter(scan_state__in=servable_states())
    return files.order_by().aggregate(bytes=Sum("file_size"))["bytes"] or 0


def csv_lines(
    rows: QuerySet[Resource], community: Community, *, with_files: bool = False
) -> Iterator[str]:
    """A line at a time, so that a large library takes no more memory than a small one."""
    yield MARK + _line([*COLUMNS, *IGNORED])
    for row in rows.values(*READ).iterator(chunk_size=ROWS):
        yield _line(_cells(row, community, with_files=with_files))


def template_lines() -> Iterator[str]:
    """An empty table, with one line that shows how."""
    shown = {
        "file": "leaflets/night-shift.pdf", "title": "Night shift card",
        "summary": "Two or three sentences: what it is, for whom, and when it helped.",
        "kind": "tool", "language": "en", "topics": "nights; handover", "rights": "own",
        "visibility": "members",
    }  # fmt: skip
    yield MARK + _line(COLUMNS)
    yield _line([shown.get(name, "") for name in NAMES])


def zip_pieces(rows: QuerySet[Resource], community: Community) -> Iterator[bytes]:
    """The table and the files, piece by piece: nothing of it stands on our disk."""
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        with archive.open(_entry("resources.csv", ZIP_DEFLATED), "w") as out:
            for line in csv_lines(rows, community, with_files=True):
                out.write(line.encode())
                yield sink.taken()
        yield sink.taken()
        files = rows.exclude(file="").filter(scan_state__in=servable_states())
        for row in files.only("public_id", "file", "file_name").iterator(chunk_size=ROWS):
            yield from _file_pieces(archive, sink, row)
    yield sink.taken()


def _file_pieces(archive: ZipFile, sink: "_Sink", row: Resource) -> Iterator[bytes]:
    try:
        with row.file.open("rb") as source:
            name = path_of(row.public_id, row.file_name)
            with archive.open(_entry(name, ZIP_STORED), "w") as out:
                while piece := source.read(CHUNK):
                    out.write(piece)
                    yield sink.taken()
    except (OSError, StorageAway):
        # One file that is not there costs nobody the others.
        log.warning("export_file_missing", resource=row.public_id)


def path_of(public_id: str, file_name: str) -> str:
    return f"files/{public_id}/{clean_name(file_name)}"


class _Sink(io.RawIOBase):
    """Takes what ZipFile writes and cannot go back, as a line to a browser."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401
        self.pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


def _entry(name: str, method: int) -> ZipInfo:
    entry = ZipInfo(name)
    entry.compress_type = method
    entry.external_attr = 0o100644 << 16
    return entry


def _cells(row: dict[str, Any], community: Community, *, with_files: bool) -> list[object]:
    has_file = bool(row["file"]) and row["scan_state"] in servable_states()
    path = path_of(row["public_id"], row["file_name"]) if with_files else row["file_name"]
    special = {"file": path if has_file else "", "stream": row["stream__name"] or ""}
    cells = [special[name] if name in special else _text(row[name]) for name in NAMES]
    address = f"{settings.SITE_URL}/{community.slug}/library/{row['public_id']}/"
    published = row["published_at"].astimezone(ZoneInfo(community.timezone)).date()
    return [*cells, address, published.isoformat()]


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        # The sign at the end says that commas stand inside the words.
        return "; ".join(map(str, value)) + (";" if len(value) == 1 and "," in value[0] else "")
    return value


def _line(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([guard(cell) for cell in cells])
    return out.getvalue()
