"""The mailbox in which mail that came back lies, read by IMAP."""

import imaplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, unquote, urlsplit

from outbox.bounces import LIMIT

TIMEOUT = 20
AT_MOST, SECONDS = 200, 50


class MailboxError(Exception):
    """It cannot be opened, or went away. The words are safe to log."""


def read_mailbox(url: str, take: Callable[[bytes], bool], *, at_most: int = AT_MOST) -> int:
    """Show each unread mail to `take`. What it took is deleted, the rest stays as read.

    A mail is marked after it was taken: who dies in between sees it once more.
    """
    parts = urlsplit(url)
    until = time.monotonic() + SECONDS
    taken = 0
    with _opened(parts) as box:
        for number in _unread(box)[:at_most]:
            if time.monotonic() > until:
                break
            is_ours = take(_body(box, number))
            flags = r"(\Seen \Deleted)" if is_ours else r"(\Seen)"
            box.uid("STORE", number, "+FLAGS.SILENT", flags)
            taken += is_ours
        if taken:
            box.expunge()
    return taken


@contextmanager
def _opened(parts: SplitResult) -> Iterator[imaplib.IMAP4]:
    name = unquote(parts.path.lstrip("/")) or "INBOX"
    try:
        box = _connect(parts)
        try:
            box.login(unquote(parts.username or ""), unquote(parts.password or ""))
            answer, _data = box.select('"' + name.replace('"', "") + '"')
            if answer != "OK":
                raise MailboxError("no such mailbox")
            yield box
        finally:
            _leave(box)
    except (imaplib.IMAP4.error, OSError, UnicodeError) as error:
        # Servers repeat what they were told: their own words stay out of the log.
        raise MailboxError(type(error).__name__) from None


def _connect(parts: SplitResult) -> imaplib.IMAP4:
    host = parts.hostname or ""
    if parts.scheme == "imap":
        return imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT)
    context = ssl.create_default_context()
    return imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=context, timeout=TIMEOUT)


def _leave(box: imaplib.IMAP4) -> None:
    try:
        box.logout()
    except (imaplib.IMAP4.error, OSError):
        box.shutdown()


def _unread(box: imaplib.IMAP4) -> list[str]:
    _answer, data = box.uid("SEARCH", "UNSEEN")
    return [number.decode() for number in (data[0] or b"").split()]


def _body(box: imaplib.IMAP4, number: str) -> bytes:
    _answer, data = box.uid("FETCH", number, f"(BODY.PEEK[]<0.{LIMIT}>)")
    return next((item[1] for item in data if isinstance(item, tuple)), b"")
