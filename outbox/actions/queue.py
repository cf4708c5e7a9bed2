import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cop.core.mail import Email
from outbox.models import PRIORITY, Delivery, MailBatch, MailingList, Purpose
from outbox.nudge import nudge_sender

logger = logging.getLogger(__name__)


def queue_email(
    *,
    key: str,
    kind: str,
    purpose: Purpose,
    email: Email,
    person: Any = None,  # noqa: ANN401  a User; this app knows no model to its right
    address: str = "",
    scope: str = "",
    mailing_list: MailingList | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    reply_to: str = "",
    sender_name: str = "",
) -> bool:
    """Leave one e-mail in the outbox, in the caller's transaction. True if it was new.

    `key` names the fact that is told: queueing it twice is a no-op. The address of a `person`
    is read at the moment of sending; `address` is for people without an account.
    """
    delivery = Delivery(
        key=key,
        kind=kind,
        purpose=purpose,
        priority=PRIORITY[purpose],
        person=person,
        address="" if person is not None else address,
        language=getattr(person, "language", "en"),
        scope=scope,
        mailing_list=mailing_list,
        subject=email.subject[:255],
        text=email.text,
        html=email.html,
        calendar=email.calendar,
        calendar_method=email.calendar_method,
        due_at=due_at or timezone.now(),
        expires_at=expires_at,
        reply_to=reply_to,
        sender_name=sender_name,
    )
    before = Delivery.objects.filter(key=key).exists()
    if before:
        return False
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
    nudge_sender()
    return True


@dataclass(frozen=True)
class Recipient:
    """One address of a batch: a person, or an address without an account."""

    subscription_id: int
    person_id: int | None
    address: str
    language: str


@transaction.atomic
def queue_batch(
    *,
    key: str,
    kind: str,
    mailing_list: MailingList,
    contents: dict[str, dict[str, str]],
    recipients: Iterable[Recipient],
    now: datetime,
    due_at: datetime | None = None,
    reply_to: str = "",
) -> MailBatch:
    """Freeze the recipients of one text and queue one delivery for each. Safe to repeat.

    `contents`: language -> subject, text, html, with %%MARKS%% that sending fills in.
    """
    batch, created = MailBatch.objects.get_or_create(
        key=key, defaults={"mailing_list": mailing_list, "frozen_at": now, "contents": contents}
    )
    if not created:
        return batch
    rows = [
        Delivery(
            key=f"{key}:{'p' if one.person_id else 's'}{one.person_id or one.subscription_id}",
            kind=kind,
            purpose=Purpose.NEWSLETTER,
            priority=PRIORITY[Purpose.NEWSLETTER],
            batch=batch,
            mailing_list=mailing_list,
            scope=mailing_list.scope,
            person_id=one.person_id,
            address="" if one.person_id else one.address,
            language=one.language if one.language in contents else "en",
            due_at=due_at or now,
            reply_to=reply_to,
            sender_name=mailing_list.sender_name,
        )
        for one in recipients
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    batch.recipients = batch.deliveries.count()
    batch.save(update_fields=["recipients"])
    nudge_sender()
    return batch


def cancel_deliveries(*, prefix: str, reason: str, now: datetime) -> int:
    """Take back what has not left yet, by the beginning of its key. Returns how many."""
    waiting = Delivery.objects.waiting().filter(key__startswith=prefix)
    return waiting.update(state=Delivery.State.CANCELLED, reason=reason, ended_at=now)
