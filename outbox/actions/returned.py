"""Mail that came back, from the mailbox or from a mail server's pipe."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from outbox.actions.events import note_event
from outbox.addresses import BadAddress, sendable_address
from outbox.bounces import read_notice
from outbox.mailbox import MailboxError, read_mailbox
from outbox.models import Delivery, MailAlarm
from outbox.rendering import recipient_address

ALARM = "bounce mailbox"
log = structlog.get_logger("outbox")


def take_returned_mail(raw: bytes, *, now: datetime, recipient: str = "") -> bool:
    """True: it was about a mail of ours and is done with. Reading it again changes nothing."""
    notice = read_notice(raw, recipient=recipient)
    if notice is None:
        return False
    rows = Delivery.objects.select_related("person", "mailing_list")
    delivery = rows.filter(pk=notice.delivery_id).first()
    if delivery is None or not _is_about_recipient(delivery, notice.recipients):
        return True
    note_event(
        provider="verp",
        event_id=notice.event_id,
        kind=notice.kind,
        delivery=delivery,
        address="",
        detail=notice.detail,
        at=notice.at,
        now=now,
    )
    return True


def _is_about_recipient(delivery: Delivery, named: frozenset[str]) -> bool:
    """Whoever got a mail of ours could send us a report that names somebody else.

    And the person may have another address by now, which the report says nothing about.
    """
    address = recipient_address(delivery).strip().lower()
    if not address:
        return False
    try:
        spellings = {address, sendable_address(address).lower()}
    except BadAddress:
        spellings = {address}
    return not named or bool(named & spellings)


def read_bounce_mailbox(*, now: datetime) -> int:
    """How many mails were about ours. Nothing to do where no mailbox is configured."""
    url = settings.BOUNCE_MAILBOX_URL
    if not url or url == settings.REPLY_MAILBOX_URL:
        # Who reads the answers there reads the returned mail too: one reader for one mailbox.
        return 0
    return read_box(url, ALARM, lambda raw: _take(raw, now), now=now)


def read_box(url: str, alarm: str, take: Callable[[bytes], bool], *, now: datetime) -> int:
    """Show what is new to `take`; where the mailbox cannot be read, coordinators are told."""
    try:
        taken = read_mailbox(url, take)
    except MailboxError as error:
        log.warning("mailbox_closed", mailbox=alarm, error=str(error))
        values = {"detail": str(error)[:200]}
        MailAlarm.objects.update_or_create(
            name=alarm, defaults=values, create_defaults={**values, "since": now}
        )
        return 0
    MailAlarm.objects.filter(name=alarm).delete()
    log.info("mailbox_read", mailbox=alarm, taken=taken)
    return taken


def _take(raw: bytes, now: datetime) -> bool:
    """One mail that breaks us is left as read; without the database the whole run ends."""
    try:
        return take_returned_mail(raw, now=now)
    except DatabaseError:
        raise
    except Exception as error:
        log.error("bounce_not_taken", error=type(error).__name__)
        return False
