"""What we hear about a mail after it left, and what follows for the address (N6, F36)."""

import hashlib
from datetime import datetime

import structlog
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet

from cop.core.logs import scrub
from outbox.actions.lists import unsubscribe_subscription
from outbox.addresses import address_hash
from outbox.models import (
    AddressScore,
    Consent,
    Delivery,
    MailEvent,
    Purpose,
    Subscription,
    Suppression,
)
from outbox.rendering import recipient_address
from outbox.scores import BULK_WEIGHT, OWN_WEIGHT, Score

Kind = MailEvent.Kind
State = Subscription.State
# The outcomes of outbox.transport that say something about the address.
BY_OUTCOME = {"bad_address": Kind.HARD_BOUNCE, "full": Kind.SOFT_BOUNCE}
log = structlog.get_logger("outbox")


def note_answer(delivery: Delivery, address: str, outcome: str, text: str, now: datetime) -> None:
    """What the server said about an address while we were sending. Never in the sender's way."""
    if outcome not in BY_OUTCOME:
        return
    try:
        note_event(
            provider="smtp",
            event_id=f"{delivery.pk}:{delivery.attempts}",
            kind=BY_OUTCOME[outcome],
            delivery=delivery,
            address=address,
            detail=text,
            at=now,
            now=now,
        )
    except Exception as error:
        log.error("answer_not_noted", delivery=str(delivery.pk), error=type(error).__name__)


def note_event(
    *,
    provider: str,
    event_id: str,
    kind: str,
    delivery: Delivery | None,
    address: str,
    detail: str,
    at: datetime | None,
    now: datetime,
) -> bool:
    """Take in one event, once. True: it was new, and about somebody we write to.

    `address`: whom it is about; empty: the recipient of the delivery. Of an address that nobody
    here has, nothing is kept.
    """
    address = (address or (recipient_address(delivery) if delivery else "")).strip().lower()
    if not address or (delivery is None and not _is_ours(address)):
        return False
    at = min(at or now, now)
    said = str(scrub(detail.replace("\0", "")))[:200]
    with transaction.atomic():
        event, is_new = MailEvent.objects.get_or_create(
            provider=provider,
            event_id=_short(event_id),
            defaults={
                "kind": kind,
                "delivery": delivery,
                "address_hash": address_hash(address),
                "detail": said,
                "at": at,
                "received_at": now,
            },
        )
        if is_new:
            _follow(event, address, now=now)
    return is_new


def _short(event_id: str) -> str:
    fits = len(event_id) <= 120 and event_id.isprintable()
    return event_id if fits else hashlib.sha256(event_id.encode(errors="replace")).hexdigest()


def _is_ours(address: str) -> bool:
    return (
        get_user_model().objects.filter(email=address).exists()
        or Subscription.objects.filter(person=None, address=address).exists()
    )


def _follow(event: MailEvent, address: str, *, now: datetime) -> None:
    if event.kind == Kind.COMPLAINT:
        _end_all(event, address, now=now)
    elif event.kind == Kind.UNSUBSCRIBE:
        _unsubscribe(event, address, now=now)
    elif not _is_old_news(event):
        _score(event, address, now=now)


def _subscriptions(event: MailEvent, address: str) -> QuerySet[Subscription]:
    """Of this address, and of the person the mail went to. What was said later counts more."""
    whose = Q(person__email=address) | Q(person=None, address=address)
    if event.delivery is not None and event.delivery.person_id:
        whose |= Q(person=event.delivery.person_id)
    return Subscription.objects.filter(whose).exclude(changed_at__gt=event.at)


def _is_old_news(event: MailEvent) -> bool:
    """From before the person said that the address works; or told already of this very mail."""
    lifted = Suppression.objects.filter(
        address_hash=event.address_hash, scope="all", lifted_at__gte=event.at
    )
    if lifted.exists():
        return True
    same = MailEvent.objects.filter(
        delivery=event.delivery_id, address_hash=event.address_hash, kind=event.kind
    )
    return event.delivery_id is not None and same.exclude(pk=event.pk).exists()


def _score(event: MailEvent, address: str, *, now: datetime) -> None:
    key = event.address_hash
    AddressScore.objects.bulk_create(
        [AddressScore(address_hash=key, at=event.at)], ignore_conflicts=True
    )
    row = AddressScore.objects.select_for_update().get(pk=key)
    hard = _weight(event.delivery) if event.kind == Kind.HARD_BOUNCE else 0.0
    soft = 1.0 if event.kind == Kind.SOFT_BOUNCE else 0.0
    score = Score(row.soft, row.hard, row.at).plus(soft=soft, hard=hard, at=event.at)
    AddressScore.objects.filter(pk=key).update(
        soft=score.soft, hard=score.hard, at=score.at, last_answer=event.detail
    )
    if not score.is_too_much:
        return
    _suppress(event, scope="all", cause=Suppression.Cause.BOUNCED, now=now)
    Subscription.objects.filter(
        Q(person__email=address) | Q(person=None, address=address), state=State.SUBSCRIBED
    ).update(state=State.BOUNCED, changed_at=now)


def _weight(delivery: Delivery | None) -> float:
    is_bulk = delivery is not None and (delivery.purpose == Purpose.NEWSLETTER or delivery.budgeted)
    return BULK_WEIGHT if is_bulk else OWN_WEIGHT


def _suppress(event: MailEvent, *, scope: str, cause: str, now: datetime) -> None:
    row = Suppression(
        address_hash=event.address_hash, scope=scope, cause=cause, evidence=event.detail, at=now
    )
    Suppression.objects.bulk_create([row], ignore_conflicts=True)


def _end_all(event: MailEvent, address: str, *, now: datetime) -> None:
    """A complaint ends all lists of the person, queued mail included (CASL-5)."""
    rows = _subscriptions(event, address).filter(
        state__in=[State.SUBSCRIBED, State.BOUNCED, State.PENDING]
    )
    ended = list(rows.select_for_update(of=("self",)).select_related("mailing_list"))
    Subscription.objects.filter(pk__in=[row.pk for row in ended]).update(
        state=State.COMPLAINED, changed_at=now
    )
    Consent.objects.bulk_create(
        Consent(
            subscription=row,
            mailing_list=row.mailing_list,
            address_hash=event.address_hash,
            given=False,
            source="complaint",
            at=now,
        )
        for row in ended
    )
    for row in ended:
        _suppress(
            event,
            scope=row.mailing_list.public_id,
            cause=Suppression.Cause.COMPLAINED,
            now=now,
        )
    lists = [row.mailing_list_id for row in ended]
    waiting = Delivery.objects.waiting().filter(
        Q(mailing_list__in=lists) | Q(mailing_list=None, budgeted=True)
    )
    people = {row.person_id for row in ended} - {None}
    waiting.filter(Q(person__in=people) | Q(person=None, address=address)).update(
        state=Delivery.State.SKIPPED, reason="address suppressed", ended_at=now
    )


def _unsubscribe(event: MailEvent, address: str, *, now: datetime) -> None:
    """One list where the mail tells which; all of them where only the address is known."""
    rows = _subscriptions(event, address)
    if event.delivery is not None and event.delivery.mailing_list_id:
        rows = rows.filter(mailing_list=event.delivery.mailing_list_id)
    for row in rows:
        unsubscribe_subscription(subscription=row, source="by mail", now=now)
