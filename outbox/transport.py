"""One SMTP conversation, step by step, so that the phase in which it broke is known."""

import contextlib
import select
import smtplib
import ssl
import threading
import time
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from cop.core import pulse

# Seconds. RFC 5321 4.5.3.2.6 asks for ten minutes of patience after the last dot: who hangs up
# earlier makes duplicates (RFC 1047).
CONNECT, COMMAND, FINAL = 10, 60, 600
# A connection that rested longer is asked whether it still lives.
RESTED = 15


class Outcome(StrEnum):
    SENT = "sent"
    RETRY = "retry"  # this recipient, later
    FULL = "full"  # this mailbox, tomorrow
    SLOW = "slow"  # this receiving host, more slowly
    HOST = "host"  # our own mail server cannot be reached now
    BAD_ADDRESS = "bad_address"  # there is no such address
    POLICY = "policy"  # they do not accept our mail: nothing the recipient could help
    REFUSED = "refused"  # this mail, never
    UNANSWERED = "unanswered"  # the server had it all and did not answer


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    text: str


LOST = (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError, ssl.SSLError, OSError)
_kept = threading.local()


def kept_mailer() -> "Mailer":
    """The one connection of this worker; it stays open from slice to slice."""
    target = (settings.EMAIL_HOST, settings.EMAIL_PORT)
    mailer: Mailer | None = getattr(_kept, "mailer", None)
    if mailer is None or mailer.target != target:
        if mailer is not None:
            mailer.close()
        mailer = _kept.mailer = Mailer()
    return mailer


class Mailer:
    """A kept connection to the configured server. Opens when first needed."""

    def __init__(self) -> None:
        self.target = (settings.EMAIL_HOST, settings.EMAIL_PORT)
        # Django's own: it knows TLS, certificates and signing in.
        self.backend = EmailBackend(timeout=CONNECT)
        self.used_at = 0.0

    def close(self) -> None:
        smtp, self.backend.connection = self.backend.connection, None
        if smtp is not None:
            with contextlib.suppress(*LOST):
                smtp.close()

    def send(self, sender: str, recipient: str, message: bytes) -> Answer:
        """Hand one message to the server. `message` has CRLF line ends."""
        try:
            smtp = self._open()
        except (*LOST, smtplib.SMTPException) as error:
            self.close()
            return Answer(Outcome.HOST, f"no connection: {type(error).__name__}")
        answer = self._converse(smtp, sender, recipient, message)
        self.used_at = time.monotonic()
        return answer

    def _open(self) -> smtplib.SMTP:
        smtp = self.backend.connection
        if smtp is not None and time.monotonic() - self.used_at > RESTED and not _lives(smtp):
            self.close()
        self.backend.open()
        smtp = self.backend.connection
        smtp.timeout = COMMAND
        smtp.sock.settimeout(COMMAND)
        smtp.ehlo_or_helo_if_needed()
        return smtp

    def _converse(self, smtp: smtplib.SMTP, sender: str, recipient: str, body: bytes) -> Answer:
        delivered = False
        try:
            code, reply = smtp.docmd("MAIL", f"FROM:<{sender}>")
            if code >= 400:
                return self._refused_sender(smtp, code, reply)
            for verb, argument in (("RCPT", f"TO:<{recipient}>"), ("DATA", "")):
                code, reply = smtp.docmd(verb, argument)
                if code >= 400:
                    return self._refused(smtp, code, reply)
            smtp.send(_dotted(body))
            delivered = True
            _wait_for_answer(smtp)
            code, reply = smtp.getreply()
        except LOST as error:
            self.close()
            if delivered:
                return Answer(Outcome.UNANSWERED, "connection lost after the last dot")
            return Answer(Outcome.HOST, f"connection lost: {type(error).__name__}")
        if code >= 400:
            return self._refused(smtp, code, reply)
        return Answer(Outcome.SENT, _text(code, reply))

    def _refused(self, smtp: smtplib.SMTP, code: int, reply: bytes) -> Answer:
        """Whoever says 421 hangs up next (RFC 5321 3.8); all others take another mail."""
        try:
            _reset(smtp, code)
        except LOST:
            self.close()
        text = _text(code, reply)
        return Answer(classify(code, text), text)

    def _refused_sender(self, smtp: smtplib.SMTP, code: int, reply: bytes) -> Answer:
        """Before any recipient was named: it is about us, not about them."""
        answer = self._refused(smtp, code, reply)
        return Answer(Outcome.HOST if code < 500 else Outcome.POLICY, answer.text)


def classify(code: int, text: str) -> Outcome:
    """What an answer of 400 and more means (reliability.md 5.3, RFC 3463)."""
    enhanced = text[4:].split(" ", 1)[0].split("\n", 1)[0]
    if code in {421, 432} or (code < 500 and enhanced.startswith("4.7.")):
        return Outcome.SLOW
    if enhanced in {"5.2.2", "4.2.2"} or (code == 552 and not enhanced.startswith("5.3.")):
        return Outcome.FULL
    if code < 500:
        return Outcome.RETRY
    if enhanced.startswith("5.7."):
        return Outcome.POLICY
    if enhanced.startswith("5.1.") or (code in {550, 551, 553} and enhanced[:2] != "5."):
        return Outcome.BAD_ADDRESS
    return Outcome.REFUSED


def _reset(smtp: smtplib.SMTP, code: int) -> None:
    if code == 421:
        raise ConnectionResetError
    smtp.rset()


def _lives(smtp: smtplib.SMTP) -> bool:
    try:
        return smtp.noop()[0] == 250
    except (*LOST, smtplib.SMTPException):
        return False


def _wait_for_answer(smtp: smtplib.SMTP) -> None:
    """Up to ten minutes for the answer to the last dot, showing all the while that we live."""
    until = time.monotonic() + FINAL
    pending = getattr(smtp.sock, "pending", None)
    while not (pending and pending()):
        ready, _w, _x = select.select([smtp.sock], [], [], 10)
        if ready or time.monotonic() > until:
            return
        pulse.beat()


def _text(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode(errors='replace')}"[:300]


def _dotted(body: bytes) -> bytes:
    """Lines that begin with a dot get another one; the end is a dot alone (RFC 5321 4.5.2)."""
    body = body.replace(b"\r\n.", b"\r\n..")
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")
