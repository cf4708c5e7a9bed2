"""Files that nobody should send with an application: a clear sentence, and the words typed stay.

Shown elsewhere, and not again here: every trick an upload may try, one by one, and the memory of a
bomb (tests/core/test_uploads.py); the same on an organization's own page (views/test_papers.py) and
with an appeal (views/test_appeals.py).
"""

import io
import tracemalloc
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from members.models import Evidence, MembershipApplication
from tests.core.uploads import huge_png_header, office, picture, upload

JOIN = "/every-door/join/"
SHOWN = {
    "applying_as": "provider",
    "role_group": "front_line",
    "agreement": "on",
    "criterion": "REGISTERED",
    "REGISTERED-reference": "Moss Stair",
}


def text_of(response: Any) -> str:
    return response.content.decode()


BOMB = office(extra={"word/zeros.xml": b"\x00" * 8_000_000})
FILES = {
    "html named .pdf": (b"<html><script>alert(1)</script>", "licence.pdf", "inside it is"),
    "docx bomb": (BOMB, "licence.docx", "These work"),
    "bomb named .pdf": (
        b"%PDF-1.7\n" + BOMB, "licence.pdf",
        "cannot read this file",
    ),
    "picture of 20,000 x 20,000": (huge_png_header(20_000, 20_000), "wall.png", "too many dots"),
}  # fmt: skip


@pytest.mark.parametrize("trick", FILES)
def test_a_hostile_file_with_an_application_is_refused_and_words_stay(
    sign_in: Any, newcomer: Any, community: Any, criterion: Any, house: Any, trick: str
) -> None:
    content, name, words = FILES[trick]
    data = SHOWN | {"motivation": "Nights are long.", "REGISTERED-document": upload(name, content)}

    response = sign_in(newcomer).post(f"{JOIN}?org={house.public_id}", data)

    text = text_of(response)
    assert response.status_code == 200
    assert words in text
    assert "Nights are long." in text
    assert "Moss Stair" in text
    assert not MembershipApplication.objects.exists()


@pytest.mark.parametrize("trick", FILES)
def test_a_hostile_file_with_an_answer_is_refused_and_words_stay(
    sign_in: Any, newcomer: Any, application: Any, trick: str
) -> None:
    content, name, words = FILES[trick]
    MembershipApplication.objects.update(state="info_requested")
    before = Evidence.objects.count()

    response = sign_in(newcomer).post(
        application.get_absolute_url(),
        {"answer": "Here it is.", "document": upload(name, content)},
    )

    assert words in text_of(response)
    assert "Here it is." in text_of(response)
    application.refresh_from_db()
    assert application.state == "info_requested"
    assert Evidence.objects.count() == before


class LongBody(io.RawIOBase):
    """A form with a file of so many bytes that exist nowhere: they are made as they are read."""

    MARK = b"longbody"

    def __init__(self, fields: dict[str, str], file_field: str, size: int) -> None:
        part = b'--%b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n'
        head = b"".join(
            part % (self.MARK, name.encode(), b"") + value.encode() + b"\r\n"
            for name, value in fields.items()
        )
        file = b'; filename="licence.pdf"\r\nContent-Type: application/pdf'
        self.head = head + part % (self.MARK, file_field.encode(), file) + b"%PDF-1.7\n"
        self.tail = b"\r\n--%b--\r\n" % self.MARK
        self.at, self.size = 0, len(self.head) + size + len(self.tail)

    def read(self, size: int = -1) -> bytes:
        size = min(65536 if size < 0 else size, self.size - self.at)
        out = self.head[self.at : self.at + size]
        out += b"0" * min(size - len(out), self.size - len(self.tail) - self.at - len(out))
        if len(out) < size:
            begins = max(0, self.at + len(out) - (self.size - len(self.tail)))
            out += self.tail[begins : begins + size - len(out)]
        self.at += len(out)
        return out


def test_a_file_of_64_mb_is_refused_without_being_held_in_memory(
    sign_in: Any, newcomer: Any, community: Any, criterion: Any, house: Any
) -> None:
    client = sign_in(newcomer)
    # Once without a file, so that only the file is measured.
    client.get(f"{JOIN}?org={house.public_id}")
    body = LongBody(SHOWN, "REGISTERED-document", 64 * 1024 * 1024)

    tracemalloc.start()
    response = client.generic(
        "POST", JOIN, QUERY_STRING=f"org={house.public_id}",
        CONTENT_TYPE=f"multipart/form-data; boundary={body.MARK.decode()}",
        CONTENT_LENGTH=str(body.size), **{"wsgi.input": body},
    )  # fmt: skip
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    text = text_of(response)
    assert body.at == body.size
    assert "This file is 65 MB; the limit is 10 MB." in text
    assert "Moss Stair" in text
    assert not MembershipApplication.objects.exists()
    assert most < 16 * 1024 * 1024


def test_a_phone_photo_with_an_application_loses_place_and_device(
    sign_in: Any, newcomer: Any, community: Any, criterion: Any, house: Any
) -> None:
    content = picture(exif=True)
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)
    data = SHOWN | {"REGISTERED-document": SimpleUploadedFile("IMG_2041.JPG", content)}

    assert sign_in(newcomer).post(f"{JOIN}?org={house.public_id}", data).status_code == 302

    with Evidence.objects.get().document.open("rb") as file:
        kept = file.read()
    exif = Image.open(io.BytesIO(kept)).getexif()
    assert (dict(exif), dict(exif.get_ifd(0x8825))) == ({}, {})
    assert b"Secret" not in kept
