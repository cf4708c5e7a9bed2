"""Makers of files for tests: honest ones, and each trick an upload may try."""

import io
import struct
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

CONTENT_TYPES_XML = b'<?xml version="1.0"?><Types xmlns="x"><Default Extension="xml"/></Types>'
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
MP4 = b"\x00\x00\x00\x18ftypisom" + b"\x00" * 20
M4A = b"\x00\x00\x00\x1cftypM4A " + b"\x00" * 20
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04" + b"\x00" * 20
VTT = b"WEBVTT\n\n00:00.000 --> 00:04.000\n<v Priya>Good evening</v>\n"
MAIN = {
    "docx": "word/document.xml",
    "pptx": "ppt/presentation.xml",
    "xlsx": "xl/workbook.xml",
}


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """As a browser sends it; the raw name stays, which Django would have shortened."""
    file = SimpleUploadedFile("plain", content)
    file._name = name
    return file


def office(kind: str = "docx", extra: dict[str, bytes] | None = None) -> bytes:
    parts = {"[Content_Types].xml": CONTENT_TYPES_XML, MAIN[kind]: b"<document>Hello</document>"}
    return packed(parts | (extra or {}))


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def odt() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office/>")
    return out.getvalue()


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), exif: bool = False) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, "#1F5C4D")
    options = {}
    if exif:
        data = Image.Exif()
        data[0x010F] = "Secret Phone"
        data[0x0112] = 6  # turned by a quarter
        data.get_ifd(0x8825)[1] = "N"
        options = {"exif": data, "comment": b"Secret comment"} if kind == "JPEG" else {"exif": data}
    image.save(out, kind, **options)
    return out.getvalue()


def huge_png_header(width: int = 30_000, height: int = 30_000) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    head = chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\x00" * 100))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def lie_about_size(content: bytes, name: str, size: int) -> bytes:
    """Make the directory claim that a part is `size` bytes long."""
    at = content.index(b"PK\x01\x02")
    while content[at + 46 : at + 46 + len(name)] != name.encode():
        at = content.index(b"PK\x01\x02", at + 4)
    return content[: at + 24] + struct.pack("<L", size) + content[at + 28 :]


def set_flag(content: bytes, flag: int) -> bytes:
    """Set a general purpose bit on the first part, in the local header and in the directory."""
    out = bytearray(content)
    out[6] |= flag
    out[content.index(b"PK\x01\x02") + 8] |= flag
    return bytes(out)
