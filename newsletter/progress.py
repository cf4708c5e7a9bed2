"""How far the sending of an issue is: counted by the database, whatever the number of mails."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Count, Max, Q

from newsletter.deliveries import batches_of
from newsletter.models import NewsletterIssue
from outbox.models import Delivery, MailBatch

State = Delivery.State
# The pace is that of the last two minutes.
PACE_OF = timedelta(minutes=2)
# Whatever is due later than this waits for a morning, or for room in somebody's week.
LATER = timedelta(minutes=15)


@dataclass
class Progress:
    """The numbers of one moment. `left_out`: reason -> how many, of those who got none."""

    total: int = 0
    sent: int = 0
    waiting: int = 0
    later: int = 0
    failed: int = 0
    uncertain: int = 0
    stopped: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    is_paused: bool = False
    pause_reason: str = ""
    last_due: datetime | None = None
    per_minute: float = 0.0

    @property
    def done(self) -> int:
        return self.total - self.waiting

    @property
    def skipped(self) -> int:
        return self.left_out.total()

    @property
    def minutes_left(self) -> int | None:
        """Of those that may leave now, at the pace of the last minutes. None: nobody can tell."""
        now_waiting = self.waiting - self.later
        if not now_waiting or self.is_paused or not self.per_minute:
            return None
        return max(1, ceil(now_waiting / self.per_minute))


def progress_of(issue: NewsletterIssue, *, now: datetime) -> Progress:
    """Two queries."""
    batches = list(batches_of(issue))
    found = Progress()
    paused = [one for one in batches if one.state == MailBatch.State.PAUSED]
    found.is_paused = bool(paused)
    found.pause_reason = next((one.reason for one in paused if one.reason), "")
    recently = 0
    for state, reason, n, later, last, recent in _counted(batches, now):
        found.total += n
        recently += recent
        _add(found, state, reason, n)
        if state == State.QUEUED:
            found.later += later
            found.last_due = max(filter(None, (found.last_due, last)), default=None)
    running = now - issue.sent_at if issue.sent_at else PACE_OF
    minutes = min(PACE_OF, max(running, timedelta(seconds=10))) / timedelta(minutes=1)
    found.per_minute = recently / minutes
    return found


def _counted(
    batches: list[MailBatch], now: datetime
) -> list[tuple[str, str, int, int, datetime | None, int]]:
    rows = Delivery.objects.filter(batch__in=batches).order_by()
    is_later = Q(due_at__gt=now + LATER)
    return list(
        rows.values_list("state", "reason").annotate(
            n=Count("pk"),
            later=Count("pk", filter=is_later),
            last=Max("due_at", filter=is_later),
            recent=Count("pk", filter=Q(state=State.SENT, ended_at__gt=now - PACE_OF)),
        )
    )


def _add(found: Progress, state: str, reason: str, n: int) -> None:
    if state == State.SENT:
        found.sent += n
    elif state in (State.QUEUED, State.CLAIMED, State.PAUSED):
        found.waiting += n
    elif state == State.SKIPPED:
        found.left_out[reason] += n
    elif state == State.CANCELLED:
        found.stopped += n
    else:
        found.failures[reason] += n
        found.failed += n if state == State.FAILED else 0
        found.uncertain += n if state == State.UNCERTAIN else 0
