"""Sending what is due. The rows are the truth; any number of senders may run at once.

A sender owns its rows by a session-level advisory lock on its own random number. PostgreSQL
drops the lock the instant the sender dies, so the next one to look takes the rows over.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from outbox.addresses import address_hash
from outbox.models import Delivery, Heartbeat, MailBatch, Purpose, Subscription, Suppression
from outbox.rendering import build_message, recipient_address
from outbox.transport import Answer, Mailer, Outcome

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]
CLAIM = 20
RETRY_MINUTES = (1, 5, 15, 60, 240)
GIVE_UP_AFTER = timedelta(hours=48)
HOST_PAUSE = timedelta(seconds=30)
POISON_ATTEMPTS = 3
DEADLY_ATTEMPTS = 5


def send_due(*, seconds: float = 50, clock: Clock = timezone.now) -> int:
    """Send for at most `seconds`, or until nothing is due. Returns how many the server took."""
    until = time.monotonic() + seconds
    Heartbeat.objects.update_or_create(name="send", defaults={"at": clock()})
    sent = 0
    with _ownership() as owner, Mailer() as mailer:
        _reap(owner)
        while time.monotonic() < until:
            claimed = _claim(owner, now=clock())
            if not claimed:
                break
            for delivery in claimed:
                answer = _send_one(delivery, owner, mailer, clock)
                sent += answer is not None and answer.outcome == Outcome.SENT
                if answer is not None and answer.outcome == Outcome.HOST:
                    _release(owner, due_at=clock() + HOST_PAUSE)
                    return sent
    return sent


@contextmanager
def _ownership() -> Iterator[int]:
    owner = secrets.randbits(62)
    _advisory("pg_advisory_lock", owner)
    try:
        yield owner
    finally:
        _release(owner)
        _advisory("pg_advisory_unlock", owner)


def _advisory(function: str, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [number])
        return bool(cursor.fetchone()[0])


def _release(owner: int, *, due_at: datetime | None = None) -> None:
    """Give back what was claimed and not begun."""
    rows = Delivery.objects.filter(
        state=Delivery.State.CLAIMED, owner=owner, started_at__isnull=True
    )
    changes = {"state": Delivery.State.QUEUED, "owner": None, "claimed_at": None}
    rows.update(**changes, **({"due_at": due_at} if due_at else {}))


def _reap(owner: int) -> None:
    """Take back the rows of senders that are no more. What they had begun goes out again."""
    claimed = Delivery.objects.filter(state=Delivery.State.CLAIMED).exclude(owner=owner)
    for other in claimed.values_list("owner", flat=True).distinct():
        if not _advisory("pg_try_advisory_lock", other):
            continue
        try:
            rows = Delivery.objects.filter(state=Delivery.State.CLAIMED, owner=other)
            # Whatever ends its sender again and again must not take the queue along (F37).
            rows.filter(started_at__isnull=False, attempts__gte=DEADLY_ATTEMPTS).update(
                state=Delivery.State.UNCERTAIN, reason="the server did not answer"
            )
            rows.filter(started_at__isnull=False).update(reason="possible repeat")
            count = rows.update(
                state=Delivery.State.QUEUED, owner=None, claimed_at=None, started_at=None
            )
            logger.warning("sender_died", extra={"rows": count})
        finally:
            _advisory("pg_advisory_unlock", other)


def _claim(owner: int, *, now: datetime) -> list[Delivery]:
    running = Q(batch__isnull=True) | Q(batch__state=MailBatch.State.SENDING)
    with transaction.atomic():
        due = Delivery.objects.due(now).filter(running).order_by("priority", "due_at", "id")
        ids = list(
            due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[
                :CLAIM
            ]
        )
        Delivery.objects.filter(pk__in=ids).update(
            state=Delivery.State.CLAIMED, owner=owner, claimed_at=now, attempts=F("attempts") + 1
        )
    rows = Delivery.objects.filter(pk__in=ids)
    return list(
        rows.select_related("person", "batch", "mailing_list").order_by("priority", "due_at", "id")
    )


def _send_one(delivery: Delivery, owner: int, mailer: Mailer, clock: Clock) -> Answer | None:
    address = recipient_address(delivery)
    if not _pass_fence(delivery, owner, address, now=clock()):
        _skip(delivery, owner, address, now=clock())
        return None
    try:
        message = build_message(delivery)
    except Exception as error:
        logger.exception("delivery_not_built", extra={"delivery": str(delivery.pk)})
        answer = Answer(Outcome.RETRY, f"not built: {type(error).__name__}")
        _finish(delivery, owner, answer, now=clock(), poison=True)
        return answer
    try:
        answer = mailer.send(message)
    except Exception as error:
        logger.exception("delivery_not_sent", extra={"delivery": str(delivery.pk)})
        mailer.close()
        answer = Answer(Outcome.RETRY, f"not sent: {type(error).__name__}")
        _finish(delivery, owner, answer, now=clock(), poison=True)
        return answer
    _finish(delivery, owner, answer, now=clock())
    return answer


def _pass_fence(delivery: Delivery, owner: int, address: str, *, now: datetime) -> bool:
    """The last question before sending, in one statement: is all of it still so?

    Consent, suppression, expiry, the pause of the batch: what was withdrawn a second ago counts.
    """
    mine = Delivery.objects.filter(
        pk=delivery.pk,
        owner=owner,
        attempts=delivery.attempts,
        state=Delivery.State.CLAIMED,
        started_at__isnull=True,
    )
    mine = mine.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    mine = mine.filter(Q(batch__isnull=True) | Q(batch__state=MailBatch.State.SENDING))
    if delivery.purpose != Purpose.SECURITY:
        mine = mine.filter(Q(person__isnull=True) | Q(person__is_active=True))
        scopes = ["all"]
        if delivery.mailing_list_id:
            mine = mine.filter(Exists(_subscribed(delivery)))
            scopes.append(delivery.mailing_list.public_id)
        suppressed = Suppression.objects.filter(
            address_hash=address_hash(address), scope__in=scopes, lifted_at__isnull=True
        )
        mine = mine.exclude(Exists(suppressed))
    return mine.update(started_at=now) == 1


def _subscribed(delivery: Delivery) -> "object":
    rows = Subscription.objects.filter(
        mailing_list=OuterRef("mailing_list"), state=Subscription.State.SUBSCRIBED
    )
    if delivery.person_id:
        return rows.filter(person=OuterRef("person"))
    return rows.filter(person__isnull=True, address=OuterRef("address"))


def _skip(delivery: Delivery, owner: int, address: str, *, now: datetime) -> None:
    """Write down why it did not go."""
    row = (
        Delivery.objects.select_related("batch", "person")
        .filter(pk=delivery.pk, owner=owner, state=Delivery.State.CLAIMED, started_at__isnull=True)
        .first()
    )
    if row is None:
        return
    if row.batch_id and row.batch.state == MailBatch.State.PAUSED:
        return
    if row.expires_at and row.expires_at <= now:
        reason = "too late to be useful"
    elif row.batch_id and row.batch.state == MailBatch.State.CANCELLED:
        reason = "cancelled"
    elif row.person_id and not row.person.is_active:
        reason = "account closed"
    elif row.mailing_list_id and not _subscribed_now(row):
        reason = "not subscribed"
    else:
        reason = "address suppressed"
    Delivery.objects.filter(pk=row.pk, owner=owner).update(
        state=Delivery.State.SKIPPED, reason=reason, ended_at=now, **_wiped(row)
    )


def _subscribed_now(delivery: Delivery) -> bool:
    return Delivery.objects.filter(pk=delivery.pk).filter(Exists(_subscribed(delivery))).exists()


def _wiped(delivery: Delivery) -> dict[str, str]:
    """A code or a sign-in link is kept no longer than it takes to send it."""
    if delivery.purpose != Purpose.SECURITY:
        return {}
    return {"text": "", "html": "", "subject": ""}


def _finish(
    delivery: Delivery, owner: int, answer: Answer, *, now: datetime, poison: bool = False
) -> None:
    states = Delivery.State
    changes: dict[str, object] = {"last_answer": answer.text, "ended_at": now}
    give_up = delivery.created_at < now - GIVE_UP_AFTER or (
        poison and delivery.attempts >= POISON_ATTEMPTS
    )
    if answer.outcome == Outcome.SENT:
        changes |= {"state": states.SENT} | _wiped(delivery)
    elif answer.outcome == Outcome.UNCERTAIN:
        changes |= {"state": states.UNCERTAIN, "reason": "the server did not answer"}
    elif answer.outcome == Outcome.REFUSED or give_up:
        changes |= {"state": states.FAILED, "reason": "refused" if not poison else "not built"}
    else:
        wait = RETRY_MINUTES[min(delivery.attempts, len(RETRY_MINUTES)) - 1]
        pause = HOST_PAUSE if answer.outcome == Outcome.HOST else timedelta(minutes=wait)
        changes |= {
            "state": states.QUEUED,
            "due_at": now + pause,
            "ended_at": None,
            "owner": None,
            "claimed_at": None,
            "started_at": None,
        }
    mine = Delivery.objects.filter(pk=delivery.pk, owner=owner, attempts=delivery.attempts)
    mine.update(**changes)
