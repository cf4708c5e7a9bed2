"""The text inside files: found where there is some, harmless where somebody built a trap."""

import os
import resource as limits
import subprocess
import time
import zipfile

import pytest

from cop.demo.documents import WRITERS, pdf
from library.extraction import draw_page, read_file
from library.extraction.reader import BROKEN, TOO_BIG, TOO_SLOW
from tests.library.paper import locked_pdf, pdf_with_text

SAID = "Réduction des méfaits à l'œuvre"
MEGABYTE = 1024 * 1024


def on_disk(tmp_path, data, name="paper"):
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def packed(tmp_path, parts):
    path = tmp_path / "packed"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return str(path)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_text_of_each_kind(tmp_path, kind):
    reading = read_file(
        on_disk(tmp_path, WRITERS[kind]([f"{SAID}\nSecond line", "Page two"])), kind
    )

    assert reading.problem == ""
    assert SAID in reading.text
    assert "Second line" in reading.text
    assert "Page two" in reading.text
    assert reading.pages == (2 if kind == "pdf" else 0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (f"{SAID}\n".encode(), SAID), (SAID.encode("cp1252"), SAID), (b"\xef\xbb\xbfBOM", "BOM"),
        (b"A\x00B\x1bC", "A B C"), ("e\u0301te\u0301".encode(), "été"), (b"", ""),
        ("du café".encode("cp1252"), "du café"), (SAID.encode("utf-16"), SAID),
    ],
)  # fmt: skip
def test_plain_text_in_any_coding(tmp_path, data, said):
    assert read_file(on_disk(tmp_path, data), "txt").text == said


def test_html_without_its_programs(tmp_path):
    page = (
        "<html><head><title>No</title></head><body><h1>Été</h1><script>alert('x')</script>"
        "<p>Kits &amp; doors<p>Two<style>p{}</style></body>"
    )
    assert read_file(on_disk(tmp_path, page.encode()), "html").text == "Été\nKits & doors\nTwo"


def test_html_whose_head_nobody_closed(tmp_path):
    page = b"<html><head><title>No</title><noscript><body><p>Seen"
    assert read_file(on_disk(tmp_path, page), "html").text == "Seen"


def test_parts_of_office_files_in_their_order(tmp_path):
    slide = '<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:t>{}</a:t></a:p></p:sld>'
    parts = {f"ppt/slides/slide{n}.xml": slide.format(f"Slide {n}") for n in (10, 2, 1)}
    parts["ppt/notesSlides/notesSlide2.xml"] = slide.format("Say it slowly")
    text = read_file(packed(tmp_path, parts), "pptx").text
    assert [line for line in text.splitlines() if "Slide" in line] == [
        "Slide 1", "Slide 2", "Slide 10",
    ]  # fmt: skip
    assert "Say it slowly" in text

    sheet = '<worksheet><c><f>SUM(A1)</f><v>42</v></c><c t="inlineStr"><is><t>Bed</t></is></c>'
    parts = {
        "xl/sharedStrings.xml": "<sst><si><t>House</t></si><si><r><t>Nel</t></r>"
        "<r><t>son</t></r></si></sst>",
        "xl/worksheets/sheet1.xml": sheet + "</worksheet>",
    }  # fmt: skip
    assert read_file(packed(tmp_path, parts), "xlsx").text == "House\nNelson\nBed"


def test_what_its_writers_took_out_is_not_found(tmp_path):
    """Changes that were tracked and remarks in the margin: often a name that had to go."""
    odt = (
        '<o xmlns:text="t" xmlns:office="o"><text:tracked-changes><text:p>Gone</text:p>'
        "</text:tracked-changes><text:p>Kept<office:annotation><text:p>Remark</text:p>"
        "</office:annotation> too</text:p></o>"
    )
    assert read_file(packed(tmp_path, {"content.xml": odt}), "odt").text == "Kept too"
    docx = (
        '<w:document xmlns:w="w"><w:p><w:del><w:r><w:delText>Gone</w:delText></w:r></w:del>'
        "<w:ins><w:r><w:t>Kept</w:t></w:r></w:ins></w:p></w:document>"
    )
    parts = {"word/document.xml": docx, "word/comments.xml": docx.replace("Kept", "Remark")}
    assert read_file(packed(tmp_path, parts), "docx").text == "Kept"


def test_locked_files_say_so(tmp_path):
    reading = read_file(on_disk(tmp_path, locked_pdf([SAID])), "pdf")
    assert (reading.text, reading.problem) == ("", "locked")
    # Word with a password: no archive but an old container.
    reading = read_file(on_disk(tmp_path, b"\xd0\xcf\x11\xe0" + b"x" * 900), "docx")
    assert (reading.text, reading.problem) == ("", "locked")


def test_a_scanned_pdf_has_pages_and_no_text(tmp_path):
    reading = read_file(on_disk(tmp_path, pdf(["", ""])), "pdf")
    assert (reading.text, reading.pages, reading.problem) == ("", 2, "")


def test_only_as_much_as_was_asked_for(tmp_path):
    path = on_disk(tmp_path, b"word " * 100_000)
    assert len(read_file(path, "txt", max_chars=1_000).text) <= 1_000


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.4\n" + b"x" * 500, "pdf"), (b"", "pdf"), (pdf(["A"])[:200], "pdf"),
        (b"PK\x03\x04nothing", "docx"), (b"no", "docx"), (pdf(["A"]), "xlsx"),
    ],
)  # fmt: skip
def test_broken_files(tmp_path, data, kind):
    reading = read_file(on_disk(tmp_path, data), kind)
    assert (reading.text, reading.problem) == ("", BROKEN)


def test_a_file_that_is_not_there():
    assert read_file("/nowhere/at/all", "pdf").problem == BROKEN


def test_entities_are_refused(tmp_path):
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/passwd">]><d xmlns:t="t"><t:p>&b;&x;</t:p></d>'
    )
    reading = read_file(packed(tmp_path, {"content.xml": bomb}), "odt")
    assert (reading.text, reading.problem) == ("", BROKEN)


@pytest.mark.parametrize(
    ("start", "problems"),
    [
        # Blanks without end: read on until there is enough of them.
        (b'<w:document xmlns:w="w"><w:t>', {""}),
        # One name of 300 MB, which a parser has to hold as a whole.
        (b'<w:document xmlns:w="w"><w:t a="', {BROKEN, TOO_BIG, TOO_SLOW}),
    ],
)
def test_a_part_that_unpacks_without_end_costs_us_nothing(tmp_path, start, problems):
    path = packed(tmp_path, {"word/document.xml": start + b" " * (300 * MEGABYTE)})
    before = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss

    reading = read_file(path, "docx", memory_mb=100, seconds=6)
    grown = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss - before
    assert reading.text == ""
    assert reading.problem in problems
    assert grown < 100 * 1024


def test_the_limit_of_memory_holds(tmp_path):
    path = on_disk(tmp_path, b"word " * 800_000)

    assert read_file(path, "txt", memory_mb=2).problem == TOO_BIG
    # Control: it was the limit.
    assert read_file(path, "txt", memory_mb=100).problem == ""


# A content stream that draws for ever: each form draws the next one twice.
def endless_pdf(depth=40):
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /XObject << /X 6 0 R >> /Font << /F 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length 12 >>\nstream\n/X Do /X Do \nendstream",
    ]
    for number in range(depth):
        body = b"/X Do /X Do " if number < depth - 1 else b"BT /F 9 Tf (a) Tj ET"
        objects.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Length %d /Resources "
            b"<< /XObject << /X %d 0 R >> /Font << /F 4 0 R >> >> >>\nstream\n%b\nendstream"
            % (len(body), 7 + number, body)
        )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, start,
    )  # fmt: skip
    return bytes(out)


def slow_xlsx(tmp_path):
    """Sixty million elements with nothing in them, in a few hundred kilobytes."""
    cells = b"<q/>" * 200_000
    path = tmp_path / "slow.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1, 300):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"<s>" + cells + b"</s>")
    return str(path)


def test_a_file_that_never_ends_is_cut_off_and_the_next_one_is_read(tmp_path):
    path = slow_xlsx(tmp_path)
    started = time.monotonic()
    assert read_file(path, "xlsx", seconds=1).problem == TOO_SLOW
    assert time.monotonic() - started < 3
    assert read_file(on_disk(tmp_path, pdf_with_text([SAID])), "pdf").text == SAID
    # Control: with more time it is still busy, so it was the limit that ended it.
    started = time.monotonic()
    assert read_file(path, "xlsx", seconds=4).problem == TOO_SLOW
    assert time.monotonic() - started > 3.5


def children():
    """Processes of ours that still are there."""
    out = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True
    )
    return [line for line in out.stdout.decode().splitlines() if "child.py" in line]


def test_a_pdf_that_draws_for_ever(tmp_path):
    path = on_disk(tmp_path, endless_pdf())
    started = time.monotonic()

    read_file(path, "pdf", seconds=2)
    draw_page(path, 1, seconds=2)
    assert time.monotonic() - started < 6
    assert children() == []


def test_pictures_of_pages(tmp_path):
    path = on_disk(tmp_path, pdf(["One", "Two"]))

    assert draw_page(path, 1, width=400).startswith(b"\xff\xd8\xff")
    assert draw_page(path, 3) is None
    assert draw_page(path, 0) is None
    assert draw_page(on_disk(tmp_path, b"%PDF-1.4 broken", "b"), 1) is None


def test_a_page_of_any_size_stays_a_small_picture(tmp_path):
    long = pdf(["A"]).replace(b"[0 0 595 842]", b"[0 0 20 9000]")
    assert len(draw_page(on_disk(tmp_path, long), 1) or b"") < MEGABYTE


def test_the_child_knows_nothing_of_the_site(tmp_path, monkeypatch):
    """No secrets in its environment: whatever breaks out of a reader finds none."""
    monkeypatch.setenv("SECRET_KEY", "told-to-nobody")
    seen = {}

    real = subprocess.Popen

    def spy(*args, **more):
        seen.update(more)
        return real(*args, **more)

    monkeypatch.setattr(subprocess, "Popen", spy)
    read_file(on_disk(tmp_path, b"x"), "txt")
    assert seen["env"] == {"LANG": "C.UTF-8"}
    assert seen["start_new_session"]
