"""The controls: each protection of the sender can be switched off, in one child of a test only.

A test that passes with a protection off proves nothing about it. So every fault is run a second
time with the protection gone, and must be seen failing.
"""

import dataclasses
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from django.utils import timezone

from cop.celery import app
from outbox import tasks, transport
from outbox.actions import batches, claim, outcome, queue, send
from outbox.models import SendGate

ANY_OWNER = """
SELECT owner, true FROM (
  SELECT DISTINCT owner FROM outbox_delivery WHERE state = 'claimed' AND owner <> %s) others
"""
KEY = "ON CONFLICT (key) DO NOTHING"


def lease() -> None:
    """Rows are taken from senders that live."""
    claim.OTHERS = ANY_OWNER


def takeover() -> None:
    """Nobody takes over from the dead."""
    claim.reap = lambda owner: 0


def rescue() -> None:
    """What was accepted while the database fell over is forgotten."""
    send._Slice._rescue_last = lambda sender: setattr(sender, "last", None)


def fence() -> None:
    """Nothing is asked before a mail leaves, and nobody writes down that it was begun."""

    def _always(delivery: Any, *, last: Any = None, **_rest: Any) -> bool:
        if last is not None:
            send.write_result(last)
        return True

    send.begin_sending = _always


def row_locks() -> None:
    """Two claims at once may choose the same rows. A nap makes it likely that they do."""
    sql = claim.CLAIM_ROWS.replace("FOR UPDATE OF d SKIP LOCKED", "")
    nap = "FROM outbox_delivery d, (SELECT pg_sleep(0.05)) nap\n  WHERE d.state = 'queued'"
    claim.CLAIM_ROWS = sql.replace("FROM outbox_delivery d\n  WHERE d.state = 'queued'", nap)


def unique_key() -> None:
    """The same fact may be queued twice."""
    put = queue.execute_values
    queue.execute_values = lambda cursor, sql, *rest, **named: put(
        cursor, sql.replace(KEY, ""), *rest, **named
    )
    batches.INSERT = batches.INSERT.replace(KEY, "")


def gate() -> None:
    """Any copy of the database sends."""

    def _open(*, now: datetime) -> Any:
        row = SendGate.objects.get(pk=1)
        state = ask(now=now)
        return dataclasses.replace(state, may_send=True, installation=row.environment)

    ask, send.gate_state = send.gate_state, _open


def database_clock() -> None:
    """The clock of the host decides what is due."""
    send.database_clock = lambda: timezone.now


def steady_ticks() -> None:
    """Beat goes by the clock on the wall."""
    for entry in app.conf.beat_schedule.values():
        entry["schedule"] = entry["schedule"].run_every


def patience() -> None:
    """Hang up two seconds after the last dot, as many mail programs do."""
    transport.COMMAND = 2
    transport._wait_for_answer = lambda smtp: None


def drain() -> None:
    """A slice goes on, whoever asks the worker to stop."""
    tasks._is_stopping = lambda: False


def isolation() -> None:
    """A mail that cannot be built takes its slice along."""

    def _not_noted(*_any: Any, **_named: Any) -> dict[str, Any]:
        raise RuntimeError("not built")

    send.changes_for_poison = _not_noted


def retries() -> None:
    """Whatever a server refuses for now is given up."""
    outcome.FINAL[transport.Outcome.RETRY] = "refused"


def classes() -> None:
    """All refusals are taken for passing ones."""
    transport.classify = lambda code, text: transport.Outcome.RETRY


def one_transaction() -> None:
    """Each edition of an issue is frozen by itself."""
    from django.db import connection

    from newsletter.actions import sending

    queue = sending._queue_edition

    def _queue_and_commit(*rest: Any, **named: Any) -> None:
        queue(*rest, **named)
        connection.connection.commit()

    sending._queue_edition = _queue_and_commit


PROTECTIONS: dict[str, Callable[[], None]] = {
    one.__name__: one
    for one in (
        lease,
        takeover,
        rescue,
        fence,
        row_locks,
        unique_key,
        gate,
        database_clock,
        steady_ticks,
        patience,
        drain,
        isolation,
        retries,
        classes,
        one_transaction,
    )
}


def host_clock(wrong_by: float | str) -> None:
    """The clock on the wall of this host is wrong; the steady one goes on. In seconds, or a file
    that says how many at the moment: then it can jump."""
    from celery.app import base
    from celery.worker import request

    def _seconds() -> float:
        return float(Path(wrong_by).read_text()) if isinstance(wrong_by, str) else wrong_by

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(seconds=_seconds())

    right = time.time
    time.time = lambda: right() + _seconds()
    timezone.datetime = request.datetime = base.datetime = Wrong


def deadly(mark: str) -> None:
    """Whoever builds a mail to such an address dies of it."""
    build = send.build_message

    def _build(delivery: Any, *rest: Any) -> Any:
        if mark in send.recipient_address(delivery):
            os.kill(os.getpid(), signal.SIGKILL)
        return build(delivery, *rest)

    send.build_message = _build


def dies_freezing(editions: int) -> None:
    """Whoever freezes an issue dies when so many editions of it are queued."""
    from newsletter.actions import sending

    queue, done = sending._queue_edition, []

    def _queue(*rest: Any, **named: Any) -> None:
        queue(*rest, **named)
        done.append(1)
        if len(done) == editions:
            os.kill(os.getpid(), signal.SIGKILL)

    sending._queue_edition = _queue


FAULTS: dict[str, Callable[[Any], None]] = {
    "host_clock": host_clock,
    "deadly": deadly,
    "dies_freezing": dies_freezing,
}


def apply(*, without: list[str], faults: dict[str, Any]) -> None:
    for name in without:
        PROTECTIONS[name]()
    for name, value in faults.items():
        FAULTS[name](value)
