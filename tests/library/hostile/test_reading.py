"""What we keep is read and drawn: by a child in limits, which runs no script and ends in time."""

import time

import pytest

from cop.core.filetypes import OFFICE_KINDS
from library.extraction.reader import draw_page, read_file
from tests.library.hostile.catalogue import CATALOGUE
from tests.library.hostile.others import NAMES

READ = [
    about
    for about, one in CATALOGUE.items()
    if one.fate == "kept"
    and about not in NAMES
    and one.name.rpartition(".")[2] in {"pdf", "txt", *OFFICE_KINDS}
]
SECONDS = 10


@pytest.mark.parametrize("about", READ)
def test_hostile_file_that_we_keep_is_read_in_peace(tmp_path, about):
    hostile = CATALOGUE[about]
    kind = hostile.name.rpartition(".")[2]
    (tmp_path / "key").write_bytes(hostile.content)
    began = time.monotonic()

    reading = read_file(str(tmp_path / "key"), kind, seconds=SECONDS)
    drawn = draw_page(str(tmp_path / "key"), 1, seconds=SECONDS) if kind == "pdf" else None

    assert time.monotonic() - began < SECONDS
    assert len(reading.text) <= 200_000
    assert drawn is None or drawn.startswith(b"\xff\xd8\xff")
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


def test_reader_of_pages_has_no_engine_for_scripts():
    """PDFium can be built with one; ours is built without."""
    from pypdfium2 import version

    assert "V8" not in version.PDFIUM_INFO.flags
    assert "XFA" not in version.PDFIUM_INFO.flags
