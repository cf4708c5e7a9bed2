"""From a delivery to the bytes that leave: marks filled in, headers by the book.

Building a message costs far more than handing it over, so what is the same for all recipients
of a text is encoded once (`Letter`), and only the personal parts are put into the bytes.
"""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from django.conf import settings

from cop.core.mail import one_line
from outbox.addresses import bounce_address, sendable_address
from outbox.links import address_choices_url, choices_url, unsubscribe_url
from outbox.models import Delivery, MailBatch, Purpose, Subscription

MARKS = ("%%CHOICES_URL%%", "%%UNSUBSCRIBE_URL%%")
SOFT_BREAK = b"=\r\n"
# A mark in quoted-printable may have been broken over two lines anywhere.
_MARK = re.compile(
    b"("
    + b"|".join(b"(?:=\r\n)?".join(re.escape(bytes([c])) for c in mark.encode()) for mark in MARKS)
    + b")"
)


@dataclass(frozen=True)
class Content:
    """One text in one language, as it was written."""

    subject: str
    text: str
    html: str
    calendar: str = ""
    calendar_method: str = ""


class Letter:
    """A text encoded once: bytes, and between them the places of the personal links."""

    def __init__(self, content: Content, headers: dict[str, str]) -> None:
        message = EmailMessage(policy=SMTP)
        for name, value in headers.items():
            message[name] = value
        message["Subject"] = one_line(content.subject)
        message.set_content(content.text, cte="quoted-printable")
        message.add_alternative(content.html, subtype="html", cte="quoted-printable")
        if content.calendar:
            _add_calendar(message, content)
        self.parts = _MARK.split(message.as_bytes())

    def fill(self, values: dict[str, str]) -> bytes:
        """The bytes with the links of one recipient in their places."""
        encoded = {mark.encode(): _quoted(value) for mark, value in values.items()}
        pieces = list(self.parts)
        for place in range(1, len(pieces), 2):
            pieces[place] = encoded[pieces[place].replace(SOFT_BREAK, b"")]
        return b"".join(pieces)


def _add_calendar(message: EmailMessage, content: Content) -> None:
    """For the buttons of mail programs, and the same bytes as a file for those without (ICS-5).

    base64: no letter of the entry is taken for one of our marks, no line break is touched.
    """
    method = content.calendar_method or "PUBLISH"
    message.add_alternative(
        content.calendar, subtype="calendar", params={"method": method}, cte="base64"
    )
    message.add_attachment(
        content.calendar.encode(), maintype="application", subtype="ics", filename="invite.ics"
    )


def _quoted(link: str) -> bytes:
    """A link in quoted-printable, on lines of its own that end softly. Links are plain ASCII."""
    lines = [link[start : start + 60] for start in range(0, len(link), 60)]
    encoded = [line.replace("=", "=3D").encode("ascii") for line in lines]
    return SOFT_BREAK + SOFT_BREAK.join(encoded) + SOFT_BREAK if encoded else b""


def recipient_address(delivery: Delivery) -> str:
    return delivery.person.email if delivery.person_id else delivery.address


def envelope_sender(delivery: Delivery) -> str:
    """Where bounces go: an address that names the delivery, or the sender's own."""
    return bounce_address(delivery.pk) or _own_address(settings.DEFAULT_FROM_EMAIL)


@lru_cache
def _own_address(sender: str) -> str:
    return parseaddr(sender)[1]


def letter_for(delivery: Delivery, batch: MailBatch | None) -> Letter:
    """What all recipients of this text get alike. Raises ValueError where it cannot be built."""
    if batch is None:
        content = Content(
            delivery.subject,
            delivery.text,
            delivery.html,
            delivery.calendar,
            delivery.calendar_method,
        )
    else:
        found = batch.contents.get(delivery.language) or next(iter(batch.contents.values()), None)
        if found is None:
            raise ValueError("no text")
        content = Content(found["subject"], found["text"], found["html"])
    return Letter(content, _headers(delivery))


def build_message(
    delivery: Delivery, letter: Letter, subscription: Subscription | None
) -> tuple[str, bytes]:
    """The address as SMTP takes it, and one message to it alone. Raises ValueError."""
    address = sendable_address(recipient_address(delivery))
    stop = unsubscribe_url(subscription, address) if subscription else ""
    values = {
        "%%CHOICES_URL%%": _choices(delivery, subscription),
        "%%UNSUBSCRIBE_URL%%": stop,
    }
    own = [
        f"To: {address}",
        f"Message-ID: {delivery.message_id}",
        f"Date: {format_datetime(delivery.dated_at or delivery.created_at)}",
    ]
    if stop:
        bounce = bounce_address(delivery.pk)
        mailto = f",\r\n <mailto:{bounce}?subject=unsubscribe>" if bounce else ""
        own.append(f"List-Unsubscribe: <{stop}>{mailto}")
        own.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return address, "\r\n".join([*own, ""]).encode("ascii") + letter.fill(values)


def _choices(delivery: Delivery, subscription: Subscription | None) -> str:
    if delivery.person_id:
        return choices_url(delivery.person, delivery.scope)
    return address_choices_url(subscription) if subscription else ""


def _headers(delivery: Delivery) -> dict[str, str]:
    headers = {
        "From": _named(delivery.sender_name, settings.DEFAULT_FROM_EMAIL),
        # RFC 3834: a machine wrote this, no machine need answer.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, DR, RN, NRN, AutoReply",
    }
    if delivery.reply_to:
        headers["Reply-To"] = one_line(delivery.reply_to)
    if delivery.mailing_list_id:
        listing = delivery.mailing_list
        words = re.sub(r'["<>\\]', "", one_line(listing.sender_name))
        phrase = f'"{words}"' if words.isascii() else words
        # RFC 2919: the identifier is plain; only the words before it may be anything.
        headers["List-Id"] = f"{phrase} <{listing.public_id}.{settings.MAIL_DOMAIN}>"
    if delivery.purpose == Purpose.NEWSLETTER:
        headers["Precedence"] = "bulk"
    return headers


def _named(name: str, sender: str) -> str:
    own, address = parseaddr(sender)
    return str(Address(display_name=one_line(name) or own, addr_spec=address))
