"""A mail to one of our reply addresses that brings the answer of a calendar (iMIP, RFC 6047).

Anybody can write to such an address, so nothing here is believed: the seal of the address is
read, the calendar part is cut out, and what is broken is no answer.
"""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from outbox.addresses import read_reply_address
from outbox.bounces import LIMIT, addresses_to_us, parts_of

# An answer names one meeting and one person: some hundred bytes, a few thousand with zone rules.
LARGEST = 64_000
TYPES = ("text/calendar", "application/ics")


@dataclass(frozen=True)
class Reply:
    """`tag`: what our address says it is an answer to. Empty: it is not one of ours."""

    tag: str
    calendar: bytes


def read_reply(raw: bytes, *, recipient: str = "") -> Reply | None:
    """None for all that brings no calendar. Never raises."""
    try:
        mail = BytesParser(policy=compat32).parsebytes(raw[:LIMIT])
        calendar = _calendar(mail)
        if calendar is None:
            return None
        found = map(read_reply_address, addresses_to_us(mail, recipient))
        return Reply(next((tag for tag in found if tag), ""), calendar)
    except Exception:  # what strangers write breaks the parser in ways nobody can list
        return None


def _calendar(mail: Message) -> bytes | None:
    """The first calendar part, empty where it is too large to be an answer."""
    for part in parts_of(mail):
        if part.get_content_type() in TYPES:
            content = part.get_payload(decode=True) or b""
            return content if len(content) <= LARGEST else b""
    return None
