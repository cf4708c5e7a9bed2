"""Tables in Excel files, read piece by piece: values only, formulas as what they came to."""

import warnings
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any
from zipfile import ZipFile

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from cop.core import zipcheck
from cop.core.filetypes import OLE_MARK
from members.actions.imports.texts import TableRefused

# Twenty thousand rows unpack to less than half of it.
MAX_UNPACKED = 40 * 1024 * 1024
# The reader takes all words of the book in before the first row: about 0.4 s for each MB.
MAX_WORDS_AT_ONCE = 4 * 1024 * 1024
# One more than we read, so that a wider table is noticed.
WIDEST = 101


def check_sheet(file: IO[bytes]) -> bool:
    """Is it an Excel file, plain and of a size that we can unpack?

    False where reading its first row takes longer than a visitor should wait.
    """
    file.seek(0)
    head = file.read(8)
    if head.startswith(OLE_MARK):
        raise TableRefused(
            _(
                "This file is locked with a password, or an old Excel file. "
                "Tip: open it and save it as .xlsx without a password."
            )
        )
    if not head.startswith(b"PK\x03\x04"):
        raise TableRefused(
            _(
                "The name says “.xlsx”, but inside it is something else. "
                "Tip: open it in Excel and save it as .xlsx."
            )
        )
    try:
        zipcheck.check_archive(file, "xlsx")
        with ZipFile(file) as archive:
            parts = archive.infolist()
            if sum(entry.file_size for entry in parts) > MAX_UNPACKED:
                raise zipcheck.TooBig("for a table")
    except zipcheck.BadArchive as error:
        raise TableRefused(_say(error)) from error
    file.seek(0)
    words = [entry.file_size for entry in parts if "strings" in entry.filename.lower()]
    return sum(words) <= MAX_WORDS_AT_ONCE


def _say(error: zipcheck.BadArchive) -> str:
    if isinstance(error, zipcheck.HasMacros):
        return _("This file holds macros (small programs). Tip: save it as .xlsx without them.")
    if isinstance(error, zipcheck.IsEncrypted):
        return _("This file is locked with a password. Tip: open it and save it without one.")
    if isinstance(error, zipcheck.TooBig):
        return _(
            "This file unpacks to more than we can take. "
            "Tip: copy the rows into a new table, without pictures, and save that."
        )
    return _("We cannot read this file. Tip: open it in Excel and save it again as .xlsx.")


def read_sheet(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """(row number as Excel shows it, cells) of each row of the first sheet that is not hidden."""
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # Styles and checks inside the file that the reader does not know: no matter here.
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheets = book.worksheets
            sheet = next((one for one in sheets if one.sheet_state == "visible"), sheets[0])
            # What the file says about its size can lie, or be a million formatted blanks.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True, max_col=WIDEST)
            for number, cells in enumerate(rows, start=1):
                yield number, [_say_cell(cell) for cell in cells]
            book.close()
    except TableRefused:
        raise
    except Exception as error:  # a broken file makes the reader raise nearly anything
        raise TableRefused(
            _("We cannot read this file. Tip: open it in Excel and save it again as .xlsx.")
        ) from error


def _say_cell(value: Any) -> str:  # noqa: ANN401  what a cell holds
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
