"""One SMTP conversation, step by step, so that the phase in which it broke is known."""

import smtplib
import ssl
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend


class Outcome(StrEnum):
    SENT = "sent"
    RETRY = "retry"  # this recipient, later
    HOST = "host"  # nobody can be reached now
    REFUSED = "refused"  # this recipient, never
    UNCERTAIN = "uncertain"  # the server had it all and did not answer


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    text: str


LOST = (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError, ssl.SSLError, OSError)


class Mailer:
    """A kept connection to the configured server. Opens when first needed; use as a context."""

    def __init__(self) -> None:
        self.backend = get_connection()

    def __enter__(self) -> "Mailer":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        try:
            self.backend.close()
        except LOST:
            if isinstance(self.backend, EmailBackend):
                self.backend.connection = None

    def send(self, message: EmailMultiAlternatives) -> Answer:
        if not isinstance(self.backend, EmailBackend):
            return self._send_by_backend(message)
        try:
            self.backend.open()
        except (*LOST, smtplib.SMTPException) as error:
            self.close()
            return Answer(Outcome.HOST, f"no connection: {type(error).__name__}")
        return self._converse(message)

    def _send_by_backend(self, message: EmailMultiAlternatives) -> Answer:
        message.connection = self.backend
        try:
            message.send()
        except Exception as error:
            return Answer(Outcome.RETRY, type(error).__name__)
        return Answer(Outcome.SENT, "accepted")

    def _converse(self, message: EmailMultiAlternatives) -> Answer:
        smtp: smtplib.SMTP = self.backend.connection
        sender, recipient = parseaddr(message.from_email)[1], message.to[0]
        if not recipient.isascii():
            return Answer(Outcome.REFUSED, "an address with such letters cannot be written to")
        body = message.message().as_bytes(linesep="\r\n")
        delivered = False
        try:
            smtp.ehlo_or_helo_if_needed()
            for step in (
                lambda: smtp.mail(sender),
                lambda: smtp.rcpt(recipient),
                lambda: smtp.docmd("DATA"),
            ):
                code, reply = step()
                if code >= 400:
                    smtp.rset()
                    return _classify(code, reply)
            smtp.send(_dotted(body))
            delivered = True
            code, reply = smtp.getreply()
        except smtplib.SMTPHeloError as error:
            self.close()
            return Answer(Outcome.HOST, f"no greeting: {error.smtp_code}")
        except LOST as error:
            self.close()
            if delivered:
                return Answer(Outcome.UNCERTAIN, "connection lost after the last dot")
            return Answer(Outcome.HOST, f"connection lost: {type(error).__name__}")
        return _classify(code, reply)


def _dotted(body: bytes) -> bytes:
    """Lines that begin with a dot get another one; the end is a dot alone (RFC 5321 4.5.2)."""
    body = body.replace(b"\r\n.", b"\r\n..")
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _classify(code: int, reply: bytes) -> Answer:
    text = f"{code} {reply.decode(errors='replace')}"[:300]
    if code < 400:
        return Answer(Outcome.SENT, text)
    if code in {421, 432} or (code == 451 and "4.7." in text):
        return Answer(Outcome.HOST, text)
    return Answer(Outcome.RETRY if code < 500 else Outcome.REFUSED, text)
