"""Mail that came back to our bounce address: what it says, and about which mail of ours.

Anybody can write to that address. Only what carries the seal of one of our mails counts, and
whatever is broken, forged or merely an answer of a person or of a holiday notice is nothing.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime

from outbox.addresses import read_bounce_address
from outbox.models import MailEvent
from outbox.traces import delivery_id_in
from outbox.verdicts import HARD, SOFT, verdict

Kind = MailEvent.Kind
# So much of a mail is read; a report stands at the beginning, our own mail after it.
LIMIT = 1_000_000
DEPTH = 6
TO_US = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
ROBOTS = re.compile(r"(mailer-daemon|mail-daemon|postmaster|mail-deliver\w*|bounce\w*)$", re.I)
XTEXT = re.compile(r"\+([0-9A-F]{2})")
COMPLAINTS = {"abuse": Kind.COMPLAINT, "fraud": Kind.COMPLAINT, "opt-out": Kind.UNSUBSCRIBE}


@dataclass(frozen=True)
class Notice:
    """What one mail says about one of ours."""

    kind: str
    delivery_id: uuid.UUID
    event_id: str
    # Whom the report names. Without: the recipient of our mail is meant.
    recipients: frozenset[str] = frozenset()
    detail: str = ""
    at: datetime | None = None


def read_notice(raw: bytes, *, recipient: str = "") -> Notice | None:
    """None for all that is no report about a mail of ours. Never raises.

    `recipient`: the address that the mail was sent to, where a mail server tells it.
    """
    try:
        return _read(raw[:LIMIT], recipient)
    except Exception:  # what strangers write breaks the parser in ways nobody can list
        return None


def _read(raw: bytes, recipient: str) -> Notice | None:
    mail = BytesParser(policy=compat32).parsebytes(raw)
    sealed = _sealed(mail, recipient)
    parts = list(parts_of(mail))
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            return _complaint(raw, mail, part, parts, sealed)
    if sealed is None:
        return None
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            return _report(raw, mail, part, sealed)
    if _says_unsubscribe(mail):
        return Notice(Kind.UNSUBSCRIBE, sealed, _event_id(raw, mail), at=_date(mail))
    return _plain(raw, mail, parts, sealed)


def addresses_to_us(mail: Message, recipient: str = "") -> Iterator[str]:
    """Every address that this mail may have come in by."""
    values = [recipient, *(str(value) for name in TO_US for value in mail.get_all(name, []))]
    for value in values:
        yield from re.findall(r"[^\s<>,;\"]+@[^\s<>,;\"]+", value[:2000])


def _sealed(mail: Message, recipient: str) -> uuid.UUID | None:
    found = map(read_bounce_address, addresses_to_us(mail, recipient))
    return next((number for number in found if number is not None), None)


def parts_of(mail: Message, depth: int = DEPTH) -> Iterator[Message]:
    """All parts but those of the mail that is sent back to us: it says nothing about itself."""
    yield mail
    if depth and mail.is_multipart() and mail.get_content_maintype() == "multipart":
        for part in mail.get_payload()[:20]:
            yield from parts_of(part, depth - 1)


def _fields(part: Message) -> list[Message]:
    """The groups of fields in a report; some servers pack them as text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload
    text = (part.get_payload(decode=True) or b"").replace(b"\r\n", b"\n")
    return [BytesParser(policy=compat32).parsebytes(group) for group in text.split(b"\n\n")]


def _report(raw: bytes, mail: Message, part: Message, sealed: uuid.UUID) -> Notice | None:
    """RFC 3464. We write to one recipient at a time, so the first failure is the one."""
    for group in _fields(part)[:50]:
        if str(group.get("Action", "")).strip().lower() != "failed":
            continue
        said = " ".join(str(group.get("Diagnostic-Code", "")).split())
        # The status is exact; where it is vague, the words of the server decide.
        kind = _kind(f"{group.get('Status', '')} {said}")
        if kind is None:
            return None
        named = [str(group.get(name, "")) for name in ("Original-Recipient", "Final-Recipient")]
        return Notice(
            kind,
            sealed,
            _event_id(raw, mail),
            recipients=frozenset(address for value in named for address in _addresses(value)),
            detail=said or str(group.get("Status", "")),
            at=_date(mail),
        )
    return None


def _kind(words: str) -> str | None:
    return {HARD: Kind.HARD_BOUNCE, SOFT: Kind.SOFT_BOUNCE, "": Kind.SOFT_BOUNCE}.get(
        verdict(words)
    )


def _addresses(value: str) -> set[str]:
    """`rfc822; dani@example.org`, as it is and with its +XX signs decoded (RFC 3461)."""
    address = value.rpartition(";")[2].strip().strip("<>").lower()
    if "@" not in address:
        return set()
    plain = XTEXT.sub(lambda found: chr(int(found[1], 16)), address.upper()).lower()
    return {address, plain}


def _complaint(
    raw: bytes, mail: Message, part: Message, parts: list[Message], sealed: uuid.UUID | None
) -> Notice | None:
    """RFC 5965: a mailbox provider passes on that somebody pressed "spam"."""
    report = _fields(part)[0]
    kind = COMPLAINTS.get(str(report.get("Feedback-Type", "")).strip().lower())
    marks = [str(report.get("Original-Mail-From", "")), *_marks_of_ours(parts)]
    number = sealed or next(filter(None, map(delivery_id_in, marks)), None)
    if kind is None or number is None:
        return None
    return Notice(kind, number, _event_id(raw, mail), detail="feedback report", at=_date(mail))


def _marks_of_ours(parts: list[Message]) -> Iterator[str]:
    """From the copy of our mail, whole or its head alone."""
    for part in parts:
        if part.get_content_type() not in ("message/rfc822", "text/rfc822-headers"):
            continue
        for copy in _fields(part)[:1]:
            yield from (str(copy.get(name, "")) for name in ("Message-ID", "Return-Path"))


def _says_unsubscribe(mail: Message) -> bool:
    """The mailto: of List-Unsubscribe (RFC 2369)."""
    return str(mail.get("Subject", "")).strip().lower() == "unsubscribe"


def _plain(raw: bytes, mail: Message, parts: list[Message], sealed: uuid.UUID) -> Notice | None:
    """A report in free words: only from a mail server, and only where it names a code."""
    if not ROBOTS.match(parseaddr(str(mail.get("From", "")))[1].partition("@")[0]):
        return None
    if str(mail.get("Auto-Submitted", "")).strip().lower().startswith("auto-replied"):
        return None
    texts = [part for part in parts if part.get_content_type() == "text/plain"]
    words = b" ".join((part.get_payload(decode=True) or b"")[:5000] for part in texts[:2])
    text = " ".join(words.decode("utf-8", "replace").split())
    kind = _kind(text) if verdict(text) else None
    if kind is None:
        return None
    return Notice(kind, sealed, _event_id(raw, mail), detail=text, at=_date(mail))


def _event_id(raw: bytes, mail: Message) -> str:
    """The same mail read twice counts once. Hashed: a Message-ID may hold a name."""
    own = str(mail.get("Message-ID", "")).strip().encode("utf-8", "replace")
    return hashlib.sha256(own or raw).hexdigest()


def _date(mail: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(mail.get("Date", "")))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
