"""What a PDF would do is found however it is written, in little memory and time."""

import io
import time
import tracemalloc

import pytest

from cop.core.pdfcheck import CHUNK, HoldsFiles, LaunchesProgram, check_pdf
from tests.library.hostile.papers import INSIDE, LAUNCH, object_list, pdf, stream


@pytest.mark.parametrize("place", [*range(CHUNK - 20, CHUNK + 20), 5 * CHUNK - 3])
def test_name_on_the_border_of_two_pieces_is_found(place):
    content = b"%PDF-1.7\n".ljust(place, b" ") + b"<< /S /#4caunch /F (a) >>" + b" " * 300

    with pytest.raises(LaunchesProgram):
        check_pdf(io.BytesIO(content))


@pytest.mark.parametrize("word", [b"/Launcher", b"/EmbeddedFileX", b"Launch", b"/ launch"])
def test_other_words_are_no_reason(word):
    check_pdf(io.BytesIO(pdf(b"<< /A " + word + b" 1 >>")))


def test_packed_list_is_read_even_when_its_end_is_missing():
    with pytest.raises(HoldsFiles):
        check_pdf(io.BytesIO(pdf(object_list(INSIDE + b" /EmbeddedFile ")).split(b"\nendst")[0]))


def test_stream_that_is_no_list_is_not_unpacked():
    packed = object_list(LAUNCH).replace(b"/ObjStm", b"/XObject")

    check_pdf(io.BytesIO(pdf(packed)))


def test_list_that_is_not_packed_is_no_error():
    check_pdf(io.BytesIO(pdf(stream(b"not packed", b"/Type /ObjStm /Filter /FlateDecode"))))


@pytest.mark.parametrize(
    "content",
    [
        pdf(object_list(b"\x00" * 80_000_000)),
        pdf(*[object_list(b"x" * 300)] * 30_000),
        b"%PDF-1.7\n" + b"stream\n" * 2_000_000,
        b"%PDF-1.7\n" + b"/ObjStm " * 1_000_000,
        b"%PDF-1.7\n" + b"#4c" * 5_000_000,
    ],
    ids=["bomb", "many lists", "many streams", "many words", "many numbers"],
)
def test_large_file_costs_little(content):
    began = time.process_time()
    check_pdf(io.BytesIO(content))
    spent = time.process_time() - began
    tracemalloc.start()
    check_pdf(io.BytesIO(content[: 2 * 1024 * 1024]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert spent < 4
    assert peak < 60_000_000
