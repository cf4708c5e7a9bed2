"""Tables as text, in any of the encodings and with any of the separators that Excel writes."""

import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from cop.core.errors import ActionError

BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SEPARATORS = ";,\t"
# Signs that no table has: what holds them is no text.
NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1b\x7f]")
MARKUP = re.compile(r"\s*<(!doctype|html|\?xml|table|script|svg)", re.IGNORECASE)
LONGEST_CELL = 20_000


class TableRefused(ActionError):
    """The file cannot be read as a table. The text says why and what to do instead."""


def read_text(
    data: bytes, separator: str = "", *, longest: int = LONGEST_CELL
) -> Iterator[tuple[int, list[str]]]:
    """(row number as Excel shows it, cells) of each row, blank ones too.

    `separator`: empty asks the first row. Raises TableRefused.
    """
    text = _decode(data)
    if MARKUP.match(text):
        raise TableRefused(
            _(
                "Inside this file is a web page, not a table. "
                "Tip: open it in Excel and save it as .xlsx."
            )
        )
    if NO_TEXT.search(text):
        raise TableRefused(
            _("This file is no table: it holds signs that no text has. Tip: save it as .xlsx.")
        )
    if not separator:
        separator, text = _separator(text)
    csv.field_size_limit(longest)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        yield from enumerate(rows, start=1)
    except csv.Error as error:
        raise TableRefused(
            _(
                "Row %(row)s cannot be read: a quotation mark may be missing there, or the cell is "
                "very long. Tip: save the table as .xlsx."
            )
            % {"row": rows.line_num}
        ) from error


def _decode(data: bytes) -> str:
    """UTF-8 and UTF-16 with and without their mark, else what Excel writes in Western Europe."""
    encoding = next((name for mark, name in BOMS if data.startswith(mark)), "")
    if not encoding:
        # Every second byte of plain letters is empty in UTF-16.
        odd, even = data[1:400:2].count(0), data[0:400:2].count(0)
        most = len(data[:400]) // 8
        encoding = "utf-16-le" if odd > most + even else "utf-16-be" if even > most + odd else ""
    for name in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            return data.decode(name)
        except UnicodeError:
            continue
    raise TableRefused(
        _("We cannot read the letters in this file. Tip: save it in Excel as “CSV UTF-8” or .xlsx.")
    )


def _separator(text: str) -> tuple[str, str]:
    """What stands between the cells, asked of the first row, and the text without Excel's hint."""
    hint = re.match(r"\s*\"?sep=(.)\"?\r?\n", text, re.IGNORECASE)
    if hint and hint[1] in SEPARATORS:
        return hint[1], text[hint.end() :]
    first = next((line for line in text[:100_000].splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(SEPARATORS, key=bare.count) if any(c in bare for c in SEPARATORS) else ",", text
