"""Sends a file as a browser that means harm would: each sign of its name arrives."""

from typing import Any
from urllib.parse import quote

from django.test import Client

from tests.library.hostile import Hostile

EDGE = "edge-of-a-part"
FORM = {
    "what": "file", "title": "A plan", "summary": "For nights.", "kind": "tool", "language": "en",
    "topics": "nights", "visibility": "public", "rights": "own", "url": "", "body": "",
}  # fmt: skip


def body_of(file: Hostile, fields: dict[str, str]) -> bytes:
    out = b""
    for name, value in fields.items():
        out += f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        out += value.encode() + b"\r\n"
    # As browsers write it, and where they would not, in the way that carries every sign.
    name = f'filename="{file.name}"'
    if any(sign in file.name for sign in '"\\\r\n\0'):
        name = f"filename*=UTF-8''{quote(file.name, safe='')}"
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; {name}\r\n'
    head += f"Content-Type: {file.says}\r\nContent-Length: 1\r\n\r\n"
    return out + head.encode() + file.content + f"\r\n--{EDGE}--\r\n".encode()


def send(client: Client, address: str, file: Hostile, **fields: str) -> Any:
    body = body_of(file, FORM | fields)
    return client.post(address, body, content_type=f"multipart/form-data; boundary={EDGE}")


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
