"""Answers that come by mail. What they mean is the business of the app that asked."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from outbox.actions.returned import read_box, take_returned_mail
from outbox.replies import Reply, read_reply

ALARM = "reply mailbox"
log = structlog.get_logger("outbox")
Taker = Callable[[Reply], bool]


def read_reply_mailbox(take: Taker, *, now: datetime) -> int:
    """Show each answer of a calendar to `take`, and delete what it took. Nobody is written to.

    What is no such answer (a person writes, a holiday notice) stays in the mailbox as read.
    """
    url = settings.REPLY_MAILBOX_URL
    if not url:
        return 0
    return read_box(url, ALARM, lambda raw: _take(raw, take, now), now=now)


def take_mail(raw: bytes, take: Taker, *, recipient: str = "") -> bool:
    reply = read_reply(raw, recipient=recipient)
    return reply is not None and take(reply)


def _take(raw: bytes, take: Taker, now: datetime) -> bool:
    """One mail that breaks us is left as read; without the database the whole run ends."""
    try:
        if take_mail(raw, take):
            return True
        is_shared = settings.REPLY_MAILBOX_URL == settings.BOUNCE_MAILBOX_URL
        return is_shared and take_returned_mail(raw, now=now)
    except DatabaseError:
        raise
    except Exception as error:
        log.error("reply_not_taken", error=type(error).__name__)
        return False
