"""Whose row is it? Claims, the lock that proves the owner alive, and taking over from the dead.

A sender owns its rows by a session-level advisory lock on a random number of its own. PostgreSQL
drops the lock the instant the sender dies, so the next one to look takes the rows over.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from outbox.models import Delivery

logger = logging.getLogger(__name__)
CLAIM = 20
# Whatever ends its sender again and again must not take the queue along (F37).
DEADLY_ATTEMPTS = 5

# MATERIALIZED: the rows are chosen and locked once, whatever the planner would like to do. No sort:
# right after a hundred thousand were queued it knows nothing of them, and would sort them all for
# each claim instead of reading the first twenty from the index.
CLAIM_ROWS = """
SET LOCAL enable_sort = off;
WITH mine AS MATERIALIZED (
  SELECT d.id FROM outbox_delivery d
  WHERE d.state = 'queued' AND d.due_at <= %(now)s
    AND (d.batch_id IS NULL
         OR d.batch_id NOT IN (SELECT b.id FROM outbox_mailbatch b WHERE b.state <> 'sending'))
  ORDER BY d.priority, d.due_at, d.id
  LIMIT %(claim)s FOR UPDATE OF d SKIP LOCKED)
UPDATE outbox_delivery d
SET state = 'claimed', owner = %(owner)s, claimed_at = clock_timestamp(), started_at = NULL,
    attempts = d.attempts + 1
FROM mine WHERE d.id = mine.id
RETURNING d.id
"""
# After PostgreSQL itself fell over, no lock is left: whoever sends gets two seconds to come back
# and write down what the mail server had already taken.
OTHERS = """
SELECT owner, pg_try_advisory_lock(owner) FROM (
  SELECT DISTINCT owner FROM outbox_delivery WHERE state = 'claimed' AND owner <> %s) others
WHERE pg_postmaster_start_time() < clock_timestamp() - interval '2 seconds'
"""
FREE = """
UPDATE outbox_delivery
SET state = CASE WHEN started_at IS NOT NULL AND attempts >= %(deadly)s
                 THEN 'uncertain' ELSE 'queued' END,
    reason = CASE WHEN started_at IS NULL THEN reason
                  WHEN attempts >= %(deadly)s THEN 'the server did not answer'
                  ELSE 'possible repeat' END,
    ended_at = CASE WHEN started_at IS NOT NULL AND attempts >= %(deadly)s
                    THEN clock_timestamp() END,
    owner = NULL, claimed_at = NULL, started_at = NULL
WHERE state = 'claimed' AND owner = %(owner)s
"""
# An owner that lives and does nothing (a stopped process) keeps its lock. What it has not begun
# is free after a quarter of an hour by the clock of the database; its fence refuses it from then.
FREE_UNTOUCHED = """
UPDATE outbox_delivery SET state = 'queued', owner = NULL, claimed_at = NULL
WHERE state = 'claimed' AND started_at IS NULL
  AND claimed_at < clock_timestamp() - interval '15 minutes'
"""


@contextmanager
def ownership() -> Iterator[int]:
    """The number of this sender, locked as long as it lives. What it leaves untouched is freed."""
    owner = secrets.randbits(62)
    hold(owner)
    try:
        yield owner
    finally:
        release(owner)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [owner])


def hold(owner: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [owner])


def release(owner: int, *, begun: bool = False) -> int:
    """Give back what was claimed. `begun`: also what was marked as begun and never handed over."""
    rows = Delivery.objects.filter(state=Delivery.State.CLAIMED, owner=owner)
    if not begun:
        rows = rows.filter(started_at__isnull=True)
    return rows.update(state=Delivery.State.QUEUED, owner=None, claimed_at=None, started_at=None)


def reap(owner: int) -> int:
    """Take back the rows of senders that are no more. What they had begun goes out again."""
    freed = 0
    with connection.cursor() as cursor:
        cursor.execute(OTHERS, [owner])
        for other, is_dead in cursor.fetchall():
            if not is_dead:
                continue
            try:
                cursor.execute(FREE, {"owner": other, "deadly": DEADLY_ATTEMPTS})
                freed += cursor.rowcount
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [other])
        cursor.execute(FREE_UNTOUCHED)
        freed += cursor.rowcount
    if freed:
        logger.warning("sender_died", extra={"rows": freed})
    return freed


def claim(owner: int, *, now: datetime) -> list[Delivery]:
    """The next rows, by priority and age, that nobody else has in hand."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_ROWS, {"now": now, "owner": owner, "claim": CLAIM})
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    rows = Delivery.objects.filter(pk__in=ids, owner=owner).select_related("person")
    return list(rows.order_by("priority", "due_at", "pk"))
