"""A file that somebody sent: is it a table that we can read, and what stands in its rows?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext as _

from cop.core.filetypes import ADVICE
from cop.core.uploads import MEGABYTE, clean_name
from members.actions.imports.columns import find_columns
from members.actions.imports.sheets import WIDEST, check_sheet, read_sheet
from members.actions.imports.texts import TableRefused, read_text

MAX_BYTES = 20 * MEGABYTE
# Each organization is compared with all that we know.
MAX_ROWS = {"people": 20_000, "organizations": 5_000}
KINDS = ("csv", "txt", "tsv", "xlsx")


@dataclass
class Table:
    """`columns`: the key of each known column -> its place. `unknown`: headings left out."""

    columns: dict[str, int]
    unknown: list[str]
    rows: list[tuple[int, list[str]]]


def check_table(file: Any, kind: str) -> str:  # noqa: ANN401  an UploadedFile
    """Can it be read, and does it have the columns? Returns its name, safe to show."""
    name = clean_name(file.name)
    _check_size(file.size)
    extension = name.rpartition(".")[2].lower()
    if extension not in KINDS:
        advice = ADVICE.get(extension, "")
        text = _("Lists come in as Excel files (.xlsx) or CSV.")
        raise TableRefused(f"{text} {advice}".strip())
    if extension == "xlsx" and not check_sheet(file):
        # The worker reads the headings, and says there what is wrong with them.
        file.seek(0)
        return name
    rows = _filled(_raw(file, extension))
    _heading(rows, kind)
    if next(rows, None) is None:
        raise TableRefused(_("There is nothing below the headings of this table."))
    file.seek(0)
    return name


def read_table(file: IO[bytes], name: str, kind: str) -> Table:
    """All of it. `kind`: organizations or people, which have different columns."""
    extension = name.rpartition(".")[2].lower()
    rows = _filled(_raw(file, extension))
    columns, unknown, width = _heading(rows, kind)
    found: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        if len(found) == MAX_ROWS[kind]:
            raise TableRefused(
                _("This table has more than %(most)s rows. Tip: split it in several.")
                % {"most": f"{MAX_ROWS[kind]:,}"}
            )
        found.append((number, [cells[at] if at < len(cells) else "" for at in range(width)]))
    return Table(columns, unknown, found)


def _check_size(size: int) -> None:
    if not size:
        raise TableRefused(_("This file is empty."))
    if size > MAX_BYTES:
        raise TableRefused(
            _(
                "This file is %(size)s MB; the limit is %(most)s MB. "
                "Tip: copy the rows alone into a new table, or split it in several."
            )
            % {"size": -(-size // MEGABYTE), "most": MAX_BYTES // MEGABYTE}
        )


def _raw(file: IO[bytes], extension: str) -> Iterator[tuple[int, list[str]]]:
    file.seek(0)
    if extension == "xlsx":
        return read_sheet(file)
    return read_text(file.read())


def _filled(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    return ((number, cells) for number, cells in rows if any(cell.strip() for cell in cells))


def _heading(
    rows: Iterator[tuple[int, list[str]]], kind: str
) -> tuple[dict[str, int], list[str], int]:
    _number, cells = next(rows, (0, []))
    if not cells:
        raise TableRefused(_("This table is empty."))
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) >= WIDEST:
        raise TableRefused(
            _("This table has more than %(most)s columns. Is it the right file?")
            % {"most": WIDEST - 1}
        )
    columns, unknown = find_columns(cells, kind)
    return columns, unknown, len(cells)
