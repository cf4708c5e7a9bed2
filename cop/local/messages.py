"""Reading what the local mailbox keeps."""

import base64
import email.policy
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

NAME = re.compile(r"\A\d{20}-[0-9a-f]{8}\Z")
CID = re.compile(r"""(["'(])cid:([^"')\s]+)""")
PARSER = BytesParser(policy=email.policy.default)


@dataclass(frozen=True)
class Summary:
    name: str
    sender: str
    to: str
    subject: str
    arrived_at: datetime
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Attachment:
    number: int
    name: str
    content_type: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


def newest_first(folder: Path) -> list[str]:
    names = (path.stem for path in (folder / "new").glob("*.eml"))
    return sorted((name for name in names if NAME.match(name)), reverse=True)


def list_messages(
    folder: Path, *, to: str = "", before: str = "", limit: int = 50
) -> tuple[list[Summary], bool]:
    """The newest, and whether there are older ones. `to` finds a part of an address."""
    wanted = to.strip().lower()
    found: list[Summary] = []
    for name in newest_first(folder):
        if before and name >= before:
            continue
        summary = _summary(folder, name)
        if summary is None or not _is_to(summary, wanted):
            continue
        if len(found) == limit:
            return found, True
        found.append(summary)
    return found, False


def read_message(folder: Path, name: str) -> EmailMessage | None:
    if not NAME.match(name):
        return None
    try:
        return PARSER.parsebytes(_path(folder, name).read_bytes())
    except FileNotFoundError:
        return None


def delete_all(folder: Path) -> int:
    names = newest_first(folder)
    for name in names:
        _path(folder, name).unlink(missing_ok=True)
    return len(names)


def arrived_at(name: str) -> datetime:
    return datetime.fromtimestamp(int(name[:20]) / 1e9, tz=UTC)


def text_of(message: EmailMessage) -> str:
    return _body(message, "plain")


def html_of(message: EmailMessage) -> str:
    """With the pictures that travel in the mail put in place: the page may fetch nothing."""
    html = _body(message, "html")
    if "cid:" not in html:
        return html
    pictures = {str(part["Content-ID"]).strip("<> "): part for part in message.walk()}

    def inline(match: re.Match[str]) -> str:
        part = pictures.get(match[2])
        if part is None or part.get_content_maintype() != "image":
            return match[0]
        data = base64.b64encode(part.get_payload(decode=True)).decode()
        return f"{match[1]}data:{part.get_content_type()};base64,{data}"

    return CID.sub(inline, html)


def attachments_of(message: EmailMessage) -> list[Attachment]:
    return list(_attachments(message))


def _attachments(message: EmailMessage) -> Iterator[Attachment]:
    """Whatever is no body: also the calendar part that mail programs hide."""
    bodies = [message.get_body(("plain",)), message.get_body(("html",))]
    number = 0
    for part in message.walk():
        if part.is_multipart() or any(part is body for body in bodies):
            continue
        content = part.get_payload(decode=True) or b""
        kind = part.get_content_type()
        number += 1
        name = Path(part.get_filename() or f"part-{number}.{kind.rpartition('/')[2]}").name
        yield Attachment(number, name, kind, content)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return part.get_content()
    except (LookupError, ValueError):  # a charset that nobody knows
        return (part.get_payload(decode=True) or b"").decode(errors="replace")


@functools.lru_cache(maxsize=4000)  # a stored message never changes
def _summary(folder: Path, name: str) -> Summary | None:
    try:
        with _path(folder, name).open("rb") as file:
            message = PARSER.parse(file, headersonly=True)
    except FileNotFoundError:
        return None
    return Summary(
        name=name,
        sender=str(message.get("From", "")),
        to=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        arrived_at=arrived_at(name),
        recipients=tuple(str(one).lower() for one in message.get_all("Delivered-To", [])),
    )


def _is_to(summary: Summary, wanted: str) -> bool:
    return any(wanted in one for one in (*summary.recipients, summary.to.lower()))


def _path(folder: Path, name: str) -> Path:
    return folder / "new" / f"{name}.eml"
