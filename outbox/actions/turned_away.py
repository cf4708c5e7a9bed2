"""Why the fence said no, in a word, and what becomes of the mail."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from outbox.actions.fence import Result, write_result
from outbox.actions.outcome import queued_again, wiped
from outbox.addresses import address_hash
from outbox.budget import room_from, takes_digest
from outbox.circles import belongs, circle_of, wider_keys
from outbox.gate import GateState
from outbox.models import Delivery, MailBatch, Purpose, Subscription, Suppression
from outbox.rendering import recipient_address

State = Delivery.State
A_MOMENT = timedelta(seconds=5)


def changes_for_refused(delivery: Delivery, *, gate: GateState, now: datetime) -> dict[str, Any]:
    """The columns to write. Whatever cannot be said for sure goes back into the queue."""
    batch = MailBatch.objects.only("state", "key").filter(pk=delivery.batch_id).first()
    if not gate.may_send or (batch and batch.state == MailBatch.State.PAUSED):
        return _back(delivery, now)
    if delivery.expires_at and delivery.expires_at <= now:
        return _skipped(delivery, "too late to be useful", now)
    if batch and batch.state == MailBatch.State.CANCELLED:
        return _skipped(delivery, "cancelled", now) | {"state": State.CANCELLED}
    if delivery.purpose == Purpose.SECURITY:
        return _back(delivery, now)
    reason = _about_the_person(delivery, now)
    if reason:
        return _skipped(delivery, reason, now)
    if batch and delivery.person_id and not belongs(delivery, circle_of(batch.key), now=now):
        return _to_wider(delivery, batch, now)
    if delivery.budgeted and delivery.person_id:
        return _over_budget(delivery, now)
    return _back(delivery, now)


def _to_wider(delivery: Delivery, batch: MailBatch, now: datetime) -> dict[str, Any]:
    """They left the circle this text was written for: the next one that is open to them."""
    for key, circle in wider_keys(batch.key):
        if belongs(delivery, circle, now=now):
            wider = MailBatch.objects.only("pk").filter(key=key).first()
            if wider is not None:
                kept = queued_again(now) | {"attempts": delivery.attempts - 1}
                return kept | {"batch_id": wider.pk}
    return _skipped(delivery, "left the community", now)


@transaction.atomic
def write_refused(result: Result) -> None:
    """Write it down, and keep the numbers of recipients true where a mail changes its batch."""
    old, new = result.delivery.batch_id, result.changes.get("batch_id")
    if write_result(result) and new is not None:
        MailBatch.objects.filter(pk=old).update(recipients=F("recipients") - 1)
        MailBatch.objects.filter(pk=new).update(recipients=F("recipients") + 1)


def _about_the_person(delivery: Delivery, now: datetime) -> str:
    if delivery.person_id and not type(delivery.person).objects.filter(
        pk=delivery.person_id, is_active=True
    ):
        return "account closed"
    scopes = ["all"]
    if delivery.mailing_list_id:
        scopes.append(delivery.mailing_list.public_id)
        reason = _about_the_list(_subscription(delivery), now)
        if reason:
            return reason
    suppressed = Suppression.objects.filter(
        address_hash=address_hash(recipient_address(delivery)),
        scope__in=scopes,
        lifted_at__isnull=True,
    )
    return "address suppressed" if suppressed.exists() else ""


def _subscription(delivery: Delivery) -> Subscription | None:
    rows = Subscription.objects.filter(mailing_list=delivery.mailing_list_id)
    if delivery.person_id:
        return rows.filter(person=delivery.person_id).first()
    return rows.filter(person=None, address=delivery.address).first()


def _about_the_list(row: Subscription | None, now: datetime) -> str:
    if row is None or row.state in (Subscription.State.UNSUBSCRIBED, Subscription.State.PENDING):
        return "not subscribed"
    if row.state != Subscription.State.SUBSCRIBED:
        return "address suppressed"
    if row.expires_at and row.expires_at <= now:
        return "consent ended"
    if row.paused_until and row.paused_until > now:
        return "paused by the person"
    return "in the weekly digest" if row.in_digest else ""


def _over_budget(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """Too much for this week: into the digest where there is one, else when there is room."""
    if delivery.kind != "weekly_digest" and takes_digest(delivery, now=now):
        return _skipped(delivery, "moved to the digest", now)
    later = room_from(delivery, now=now)
    if delivery.expires_at and later >= delivery.expires_at:
        return _skipped(delivery, "over budget", now)
    return queued_again(later) | {"reason": "waits for room", "attempts": delivery.attempts - 1}


def _skipped(delivery: Delivery, reason: str, now: datetime) -> dict[str, Any]:
    return {"state": State.SKIPPED, "reason": reason, "ended_at": now} | wiped(delivery, now)


def _back(delivery: Delivery, now: datetime) -> dict[str, Any]:
    return queued_again(now + A_MOMENT) | {"attempts": delivery.attempts - 1}
