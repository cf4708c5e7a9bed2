"""Small real files for the demo library: PDF and Office, each with text inside to be found."""

import textwrap
from collections.abc import Iterable
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile

from cop.core.uploads import CheckedUpload, check_upload

LINE, SIGNS = 16, 88
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WORDS_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SLIDE_NS = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument"


def make_document(name: str, pages: list[str]) -> CheckedUpload:
    """A file of the kind its name says, checked like any other."""
    kind = name.rpartition(".")[2]
    data = WRITERS[kind](pages)
    return check_upload(SimpleUploadedFile(name, data))


def pdf(pages: list[str]) -> bytes:
    """Text in Helvetica, a page for each text."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects.append(font)
    kids = []
    for page in pages:
        content = _pdf_lines(page)
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(kids))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _pdf_lines(page: str) -> bytes:
    lines = [piece for line in page.splitlines() for piece in _wrapped(line)]
    shown = [b"BT /F1 11 Tf 56 780 Td %d TL" % LINE]
    for line in lines:
        signs = line.encode("cp1252", "replace")
        for sign in (b"\\", b"(", b")"):
            signs = signs.replace(sign, b"\\" + sign)
        shown.append(b"(%b) Tj T*" % signs)
    return b"\n".join([*shown, b"ET"])


def _wrapped(line: str) -> Iterable[str]:
    return textwrap.wrap(line, SIGNS) or [""]


def docx(pages: list[str]) -> bytes:
    lines = [line for page in pages for line in page.splitlines()]
    text = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(x)}</w:t></w:r></w:p>' for x in lines
    )
    body = f'{HEAD}<w:document xmlns:w="{WORDS_NS}"><w:body>{text}</w:body></w:document>'
    main = f"{TYPES}.wordprocessingml.document.main+xml"
    return _package({"word/document.xml": body}, {"word/document.xml": main}, "word/document.xml")


def xlsx(pages: list[str]) -> bytes:
    """A row for each line, its cells between bars."""
    rows = []
    for number, line in enumerate((line for page in pages for line in page.splitlines()), 1):
        cells = "".join(
            f'<c t="inlineStr"><is><t>{escape(cell.strip())}</t></is></c>'
            for cell in line.split("|")
        )
        rows.append(f'<row r="{number}">{cells}</row>')
    sheet = (
        f'{HEAD}<worksheet xmlns="{SHEET_NS}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    )
    book = (
        f'{HEAD}<workbook xmlns="{SHEET_NS}" xmlns:r="{LINKS}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    links = _links([("worksheet", "worksheets/sheet1.xml")])
    parts = {
        "xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": links,
        "xl/worksheets/sheet1.xml": sheet,
    }  # fmt: skip
    types = {
        "xl/workbook.xml": f"{TYPES}.spreadsheetml.sheet.main+xml",
        "xl/worksheets/sheet1.xml": f"{TYPES}.spreadsheetml.worksheet+xml",
    }
    return _package(parts, types, "xl/workbook.xml")


def pptx(pages: list[str]) -> bytes:
    """A slide for each text. Enough for reading, not for showing."""
    parts, types, links = {}, {}, []
    for number, page in enumerate(pages, 1):
        lines = "".join(f"<a:p><a:r><a:t>{escape(x)}</a:t></a:r></a:p>" for x in page.splitlines())
        name = f"ppt/slides/slide{number}.xml"
        parts[name] = (
            f"{HEAD}<p:sld {SLIDE_NS}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id='1' name=''/>"
            "<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr>"
            "<p:cNvPr id='2' name='Text'/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/>"
            f"<p:txBody><a:bodyPr/>{lines}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        )
        types[name] = f"{TYPES}.presentationml.slide+xml"
        links.append(("slide", f"slides/slide{number}.xml"))
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in range(1, len(pages) + 1))
    parts["ppt/presentation.xml"] = (
        f"{HEAD}<p:presentation {SLIDE_NS}><p:sldIdLst>{ids}</p:sldIdLst>"
        '<p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/>'
        "</p:presentation>"
    )
    parts["ppt/_rels/presentation.xml.rels"] = _links(links)
    types["ppt/presentation.xml"] = f"{TYPES}.presentationml.presentation.main+xml"
    return _package(parts, types, "ppt/presentation.xml")


def odt(pages: list[str]) -> bytes:
    lines = "".join(f"<text:p>{escape(x)}</text:p>" for page in pages for x in page.splitlines())
    names = "urn:oasis:names:tc:opendocument:xmlns"
    kind = "application/vnd.oasis.opendocument.text"
    content = (
        f'{HEAD}<office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:text="{names}:text:1.0" office:version="1.2"><office:body><office:text>{lines}'
        "</office:text></office:body></office:document-content>"
    )
    manifest = (
        f'{HEAD}<manifest:manifest xmlns:manifest="{names}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        # First and not packed, so that the kind can be told from the first bytes.
        archive.writestr("mimetype", kind, compress_type=0)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return data.getvalue()


def _links(targets: list[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{HEAD}<Relationships xmlns="{space}">{lines}</Relationships>'


def _package(parts: dict[str, str], types: dict[str, str], main: str) -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in types.items()
    )
    content_types = (
        f'{HEAD}<Types xmlns="{space}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", content_types)
        archive.writestr("_rels/.rels", _links([("officeDocument", main)]))
        for name, text in parts.items():
            archive.writestr(name, text)
    return data.getvalue()


WRITERS = {"pdf": pdf, "docx": docx, "xlsx": xlsx, "pptx": pptx, "odt": odt}
