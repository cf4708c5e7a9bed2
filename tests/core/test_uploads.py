import io
import tracemalloc

import pytest
from PIL import Image

from cop.core import zipcheck
from cop.core.uploads import (
    DOCUMENT_TYPES,
    UploadRefused,
    accept_attribute,
    check_upload,
    clean_name,
)
from tests.core.uploads import (
    CONTENT_TYPES_XML,
    M4A,
    MP4,
    PDF,
    WEBM,
    huge_png_header,
    lie_about_size,
    odt,
    office,
    packed,
    picture,
    set_flag,
    upload,
)

MP3 = b"ID3\x04\x00" + b"\x00" * 20


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("plan.pdf", PDF, "pdf"),
        ("PLAN.PDF", PDF, "pdf"),
        ("notes.docx", office("docx"), "docx"),
        ("slides.pptx", office("pptx"), "pptx"),
        ("table.xlsx", office("xlsx"), "xlsx"),
        ("notes.odt", odt(), "odt"),
        ("photo.jpeg", picture(), "jpg"),
        ("photo.png", picture("PNG"), "png"),
        ("talk.mp3", MP3, "mp3"),
        ("talk.mp3", b"\xff\xfb\x90\x64" + b"\x00" * 50, "mp3"),
        ("talk.mp4", MP4, "mp4"),
        ("talk.m4a", M4A, "m4a"),
        ("talk.webm", WEBM, "webm"),
        ("read me.txt", "Équipe de nuit\r\n".encode(), "txt"),
        ("alt.txt", "Équipe de nuit".encode("cp1252"), "txt"),
    ],
)
def test_check_upload_takes_honest_files(name, content, kind):
    checked = check_upload(upload(name, content))

    assert checked.type == kind
    assert checked.content_file.read()
    assert checked.size > 0


def _many_parts() -> bytes:
    return office(extra={f"word/part{number}.xml": b"" for number in range(2001)})


def _overlapping() -> bytes:
    """Two entries of the directory that point at the same bytes."""
    content = office(extra={"word/a.xml": b"a" * 500, "word/b.xml": b"b" * 500})
    first, second = content.index(b"word/a.xml") - 30, content.index(b"word/b.xml") - 30
    directory = content.rindex(b"PK\x01\x02")
    at = directory + 42
    assert int.from_bytes(content[at : at + 4], "little") == second
    return content[:at] + first.to_bytes(4, "little") + content[at + 4 :]


BOMB = office(extra={"word/zeros.xml": b"\x00" * 8_000_000})
HOSTILE = {
    "web page as pdf": ("plan.pdf", b"<html><script>alert(1)</script>"),
    "svg": ("drawing.svg", b"<svg onload='alert(1)'/>"),
    "svg as png": ("drawing.png", b"<svg onload='alert(1)'/>"),
    "html": ("page.html", b"<html>"),
    "html as txt": ("page.txt", b"\n <!DOCTYPE html><script>"),
    "program": ("setup.exe", b"MZ\x90\x00"),
    "program as docx": ("notes.docx", b"MZ\x90\x00" + b"\x00" * 200),
    "program as mp3": ("song.mp3", b"MZ\x90\x00" + b"\x00" * 200),
    "program as txt": ("song.txt", b"MZ\x90\x00" + b"\x00" * 200),
    "program with two endings": ("plan.pdf.exe", PDF),
    "no ending": ("plan", PDF),
    "direction sign hides the ending": ("fdp.\u202egnp.exe", PDF),
    "heic": ("photo.heic", b"\x00\x00\x00\x18ftypheic"),
    "film as sound": ("talk.m4a", WEBM),
    "matroska as webm": ("talk.webm", WEBM.replace(b"webm", b"mtrs")),
    "page as webm": ("talk.webm", b"<html>\x42\x82\x84webm"),
    "heic as sound": ("photo.m4a", b"\x00\x00\x00\x18ftypheic"),
    "heic as mp4": ("photo.mp4", b"\x00\x00\x00\x18ftypheic"),
    "old word": ("notes.doc", b"\xd0\xcf\x11\xe0"),
    "locked office": ("notes.docx", b"\xd0\xcf\x11\xe0" + b"\x00" * 500),
    "csv": ("list.csv", b"=cmd|' /C calc'!A0"),
    "empty": ("plan.pdf", b""),
    "macros": ("notes.docx", office(extra={"word/vbaProject.bin": b"x"})),
    "macros in capitals": ("notes.docx", office(extra={"word/VBAPROJECT.BIN": b"x"})),
    "macros by content type": (
        "notes.docx",
        packed(
            {
                "[Content_Types].xml": CONTENT_TYPES_XML + b"document.macroEnabled.main+xml",
                "word/document.xml": b"<d/>",
            }
        ),
    ),
    "macro sheet": ("table.xlsx", office("xlsx", extra={"xl/macrosheets/sheet1.xml": b"x"})),
    "encrypted zip": ("notes.docx", set_flag(office(), 0x01)),
    "zip in zip": ("notes.docx", office(extra={"word/more.zip": b"PK"})),
    "zip in zip without its name": ("notes.docx", office(extra={"word/image.png": office()})),
    "path upwards": ("notes.docx", office(extra={"../../etc/passwd": b"x"})),
    "path from the root": ("notes.docx", office(extra={"/etc/passwd": b"x"})),
    "path with backslash": ("notes.docx", office(extra={"..\\x": b"x"}).replace(b"../x", b"..\\x")),
    "too many parts": ("notes.docx", _many_parts()),
    "zip bomb": ("notes.docx", BOMB),
    "zip bomb that lies": ("notes.docx", lie_about_size(BOMB, "word/zeros.xml", 500)),
    "zip that claims too much": (
        "notes.docx",
        lie_about_size(office(extra={"word/a.xml": b"aa"}), "word/a.xml", 4_000_000_000),
    ),
    "overlapping entries": ("notes.docx", _overlapping()),
    "something before the zip": ("notes.docx", b"PK\x03\x04" + b"x" * 60 + office()),
    "something behind the zip": ("notes.docx", office() + b"<script>alert(1)</script>"),
    "cut off zip": ("notes.docx", office()[:-30]),
    "plain zip as docx": ("notes.docx", packed({"hello.txt": b"hello"})),
    "docx as xlsx": ("table.xlsx", office("docx")),
    "pdf that is a zip too": ("plan.pdf", PDF + office()),
    "picture of 900 million dots": ("big.png", huge_png_header()),
    "picture of 64 million dots": ("big.png", huge_png_header(8_000, 8_000)),
    "broken picture": ("photo.jpg", picture()[:200]),
    "gif as png": ("photo.png", picture("GIF")),
}


@pytest.mark.parametrize("trick", HOSTILE)
def test_check_upload_refuses(trick):
    name, content = HOSTILE[trick]

    with pytest.raises(UploadRefused) as refusal:
        check_upload(upload(name, content))

    assert (str(refusal.value).endswith(".") and "Tip" in str(refusal.value)) or "work:" in str(
        refusal.value
    )


@pytest.mark.parametrize(
    ("trick", "reason"),
    [
        ("macros", zipcheck.HasMacros),
        ("macros in capitals", zipcheck.HasMacros),
        ("macros by content type", zipcheck.HasMacros),
        ("encrypted zip", zipcheck.IsEncrypted),
        ("zip in zip", zipcheck.IsNested),
        ("zip in zip without its name", zipcheck.IsNested),
        ("too many parts", zipcheck.TooBig),
        ("zip bomb", zipcheck.TooBig),
        ("zip bomb that lies", zipcheck.TooBig),
        ("overlapping entries", zipcheck.TooBig),
        ("picture of 900 million dots", Image.DecompressionBombError),
        ("picture of 64 million dots", Image.DecompressionBombError),
    ],
)
def test_check_upload_refuses_for_the_right_reason(trick, reason):
    with pytest.raises(UploadRefused) as refusal:
        check_upload(upload(*HOSTILE[trick]))

    assert isinstance(refusal.value.__cause__, reason)


def test_check_upload_refuses_what_this_place_does_not_take():
    with pytest.raises(UploadRefused, match="These work: jpg, pdf, png"):
        check_upload(upload("talk.mp3", MP3), allowed=DOCUMENT_TYPES)


def test_check_upload_says_how_large_it_may_be():
    file = upload("plan.pdf", PDF)
    file.size = 63 * 1024 * 1024 + 1

    with pytest.raises(UploadRefused, match="This file is 64 MB; the limit is 50 MB"):
        check_upload(file)


def test_check_upload_does_not_hold_a_bomb_in_memory():
    bomb = upload("notes.docx", lie_about_size(BOMB, "word/zeros.xml", 7_999_999))
    tracemalloc.start()
    with pytest.raises(UploadRefused):
        check_upload(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 2_000_000


def test_check_upload_leaves_place_and_device_of_a_photo_behind():
    checked = check_upload(upload("photo.jpg", picture(exif=True)))

    content = checked.content_file.read()
    drawn = Image.open(io.BytesIO(content))
    assert b"Secret" not in content
    assert not drawn.getexif()
    assert "exif" not in drawn.info
    assert drawn.size == (20, 40)  # turned the way the phone was held
    assert checked.size == len(content)


def test_check_upload_drops_what_hides_behind_a_picture():
    for kind, ending in (("PNG", "png"), ("JPEG", "jpg")):
        content = picture(kind) + office() + b"<script>alert(1)</script>"
        kept = check_upload(upload(f"photo.{ending}", content)).content_file.read()

        assert b"script" not in kept
        assert b"PK\x03\x04" not in kept


def test_check_upload_keeps_clear_dots_of_a_picture():
    out = io.BytesIO()
    Image.new("RGBA", (9, 9), (10, 20, 30, 0)).save(out, "PNG")

    kept = check_upload(upload("logo.png", out.getvalue())).content_file

    assert Image.open(kept).getpixel((0, 0)) == (10, 20, 30, 0)


def test_accept_attribute_names_pictures_by_type():
    assert accept_attribute(DOCUMENT_TYPES) == "image/jpeg,.pdf,image/png"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/plan.pdf", "plan.pdf"),
        ("C:\\Users\\dani\\plan.pdf", "plan.pdf"),
        ("plan\r\nSet-Cookie: a=b.pdf", "plan Set-Cookie a=b.pdf"),
        ("pl\x00an\x1b.pdf", "plan.pdf"),
        ("plan\u202efdp.exe", "planfdp.exe"),
        ("plan\u200b\u2066.pdf", "plan.pdf"),
        ("Équipe de nuit – été.pdf", "Équipe de nuit – été.pdf"),
        ("E\u0301quipe.pdf", "Équipe.pdf"),
        ("ƛ̓əm̓ x̱ʷ.pdf", "ƛ̓əm̓ x̱ʷ.pdf"),
        (".htaccess", "file.htaccess"),
        ("..", "file"),
        ('a"b;c|d.pdf', "abcd.pdf"),
        ("   .pdf", "file.pdf"),
        ("CON.pdf", "file-CON.pdf"),
        ("com1.notes.pdf", "file-com1.notes.pdf"),
        ("nul", "file-nul"),
        ("console.pdf", "console.pdf"),
    ],
)
def test_clean_name(given, kept):
    assert clean_name(given) == kept


def test_clean_name_is_short_and_keeps_its_ending():
    name = clean_name("é" * 255 + ".pdf")

    assert len(name) == 120
    assert name.endswith("é.pdf")
