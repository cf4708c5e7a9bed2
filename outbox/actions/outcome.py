"""What an answer of the mail server means for the delivery, and for the batch it belongs to."""

import random
from datetime import datetime, timedelta
from typing import Any

from outbox.models import Delivery, MailBatch, Purpose
from outbox.transport import Answer, Outcome

RETRY_MINUTES = (1, 5, 15, 60, 240)
FULL_TRIES = 3
GIVE_UP_AFTER = timedelta(hours=48)
POISON_ATTEMPTS = 3
# The error budget of a batch: so many failures, and such a part of all, or so many in a row.
FAILURES, SHARE, IN_A_ROW = 5, 0.05, 20
FINAL = {
    Outcome.BAD_ADDRESS: "bad address",
    Outcome.POLICY: "policy",
    Outcome.REFUSED: "refused",
}


def changes_for(delivery: Delivery, answer: Answer, *, now: datetime) -> dict[str, Any]:
    """The columns to write after one attempt."""
    base: dict[str, Any] = {"last_answer": answer.text}
    if answer.outcome == Outcome.SENT:
        again = delivery.reason in ("possible repeat", "unanswered")
        reason = "possible repeat" if again else ""
        return base | {"state": "sent", "reason": reason, "ended_at": now} | wiped(delivery, now)
    if answer.outcome in FINAL:
        return base | _ended(delivery, "failed", FINAL[answer.outcome], now)
    if answer.outcome == Outcome.UNANSWERED:
        return base | _unanswered(delivery, now)
    if delivery.created_at < now - GIVE_UP_AFTER:
        return base | _ended(delivery, "failed", "the server did not take it for two days", now)
    if answer.outcome == Outcome.FULL:
        if delivery.attempts > FULL_TRIES:
            return base | _ended(delivery, "failed", "mailbox full", now)
        return base | queued_again(now + jittered(timedelta(days=1)))
    if answer.outcome == Outcome.SLOW:
        return base | queued_again(now + jittered(timedelta(seconds=30)))
    if answer.outcome == Outcome.HOST:
        return base | queued_again(now)
    minutes = RETRY_MINUTES[min(delivery.attempts, len(RETRY_MINUTES)) - 1]
    return base | queued_again(now + jittered(timedelta(minutes=minutes)))


def changes_for_poison(delivery: Delivery, error: Exception, *, now: datetime) -> dict[str, Any]:
    """The mail could not be made. Thrice, then it is set aside for a person to look at (F37)."""
    base = {"last_answer": f"not built: {type(error).__name__}"}
    if delivery.attempts >= POISON_ATTEMPTS:
        return base | _ended(delivery, "failed", "not built", now)
    minutes = RETRY_MINUTES[delivery.attempts - 1]
    return base | queued_again(now + timedelta(minutes=minutes))


def _unanswered(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """The server may have it. Once more with the same Message-ID; after that a person decides."""
    if delivery.reason == "unanswered":
        return _ended(delivery, "uncertain", "the server did not answer", now)
    return queued_again(now + jittered(timedelta(minutes=5))) | {"reason": "unanswered"}


def queued_again(due_at: datetime) -> dict[str, Any]:
    return {
        "state": "queued",
        "due_at": due_at,
        "ended_at": None,
        "owner": None,
        "claimed_at": None,
        "started_at": None,
    }


def _ended(delivery: Delivery, state: str, reason: str, now: datetime) -> dict[str, Any]:
    return {"state": state, "reason": reason, "ended_at": now} | wiped(delivery, now)


def wiped(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """A code or a sign-in link is kept no longer than it takes to send it."""
    if delivery.purpose != Purpose.SECURITY:
        return {}
    return {"text": "", "html": "", "subject": "", "calendar": ""}


def jittered(wait: timedelta) -> timedelta:
    """A fifth more or less, so that a thousand retries do not come in one second."""
    return wait * random.uniform(0.8, 1.2)  # noqa: S311  nothing secret about it


def watch_batch(delivery: Delivery, answer: Answer, *, now: datetime) -> None:
    """After a failure: pause the batch if its error budget is spent. A person resumes it."""
    if delivery.batch_id is None:
        return
    if answer.outcome == Outcome.POLICY:
        _pause(delivery.batch_id, "policy")
    elif answer.outcome in FINAL or answer.outcome == Outcome.FULL:
        _check_budget(delivery.batch_id)


def _check_budget(batch_id: int) -> None:
    batch = MailBatch.objects.only("resumed_at").get(pk=batch_id)
    tried = Delivery.objects.filter(batch=batch_id, state__in=["sent", "failed"])
    if batch.resumed_at:
        tried = tried.filter(ended_at__gt=batch.resumed_at)
    failed, total = tried.filter(state="failed").count(), tried.count()
    newest = list(tried.order_by("-ended_at").values_list("state", flat=True)[:IN_A_ROW])
    if (failed >= FAILURES and failed >= SHARE * total) or (
        len(newest) == IN_A_ROW and set(newest) == {"failed"}
    ):
        _pause(batch_id, "too many failures")


def _pause(batch_id: int, reason: str) -> None:
    MailBatch.objects.filter(pk=batch_id, state=MailBatch.State.SENDING).update(
        state=MailBatch.State.PAUSED, reason=reason
    )
