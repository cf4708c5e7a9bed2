"""The lines of the table in a folder; without a table, one line for each file."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cop.core.uploads import MEGABYTE
from library.importing.columns import COLUMN_OF, CONTENT, IGNORED, fold, unguard
from library.importing.folder import MOST_FILES, Folder, FolderRefused
from members.actions.imports.texts import read_text

MOST_TABLE = 20 * MEGABYTE
LONGEST_CELL = 60_000


@dataclass(frozen=True)
class Line:
    """`number` as Excel shows it; `cells`: column -> text, only those with something in them."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    lines: list[Line]
    unknown: list[str]


def read_table(folder: Folder) -> Table:
    """Raises an ActionError with a sentence."""
    if folder.table is None:
        return Table(_lines_of_files(folder), [])
    data = folder.read(folder.table, most=MOST_TABLE).read()
    rows = read_text(data, longest=LONGEST_CELL) if data.strip() else iter(())
    heads: list[str] | None = None
    lines: list[Line] = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if heads is None:
            heads = cells
            _check_heads(heads)
            continue
        lines.append(Line(number, _cells(heads, cells)))
        if len(lines) > MOST_FILES:
            raise FolderRefused(
                _("The table has more than 1,000 lines. Split it into several ZIPs.")
            )
    ignored = {fold(name) for name in IGNORED}
    unknown = [head.strip()[:40] for head in heads or []
               if head.strip() and fold(head) not in {*COLUMN_OF, *ignored}]  # fmt: skip
    return Table(lines, unknown)


def title_of(path: str) -> str:
    """handover-card_v2.docx: Handover card v2."""
    stem = path.rpartition("/")[2].rpartition(".")[0] or path
    title = " ".join(re.sub(r"[-_]+", " ", stem).split())
    return (title[:1].upper() + title[1:])[:160]


def _lines_of_files(folder: Folder) -> list[Line]:
    files = sorted(folder.files, key=lambda one: one.path.casefold())
    return [
        Line(number, {"file": one.path, "title": title_of(one.path)})
        for number, one in enumerate(files, start=1)
    ]


def _check_heads(heads: list[str]) -> None:
    columns = {COLUMN_OF.get(fold(head)) for head in heads}
    if not columns & set(CONTENT):
        raise FolderRefused(
            _(
                "The first line of the table names no column “file”, “url” or “text”. Take the "
                "template from this page and fill it in."
            )
        )


def _cells(heads: list[str], cells: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for head, cell in zip(heads, cells, strict=False):
        column, text = COLUMN_OF.get(fold(head)), unguard(cell.strip())
        if column and text and column not in found:
            found[column] = text
    return found
