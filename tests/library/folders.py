"""Makers of packed folders, honest ones and others."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.core.uploads import PDF

HEAD = "file,title,summary,kind,rights\n"


def packed(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def folder(parts: dict[str, bytes | str]) -> SimpleUploadedFile:
    return sent(packed(parts))


def sent(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("folder.zip", data, content_type="application/zip")


def pdf(text: str = "") -> bytes:
    """Each its own content."""
    return PDF.replace(b"<< >>", b"<< /T (" + text.encode() + b") >>")


def links(count: int) -> str:
    rows = [f"https://tools.example/{n},Tool {n},What it is.,link,link_only" for n in range(count)]
    return "url,title,summary,kind,rights\n" + "\n".join(rows) + "\n"
