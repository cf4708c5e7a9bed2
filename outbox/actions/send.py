"""Sending what is due. The rows are the truth; any number of senders may run at once."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, connection

from cop.core import pulse
from cop.core.time import after_quiet, database_clock
from outbox.actions import claim, pace
from outbox.actions.events import note_answer
from outbox.actions.fence import Result, begin_sending, write_result
from outbox.actions.outcome import changes_for, changes_for_poison, queued_again, watch_batch
from outbox.actions.turned_away import changes_for_refused, write_refused
from outbox.addresses import BadAddress, host_of
from outbox.circles import EVERYBODY, Circle, circle_of
from outbox.gate import GateState, gate_state
from outbox.models import (
    Delivery,
    Heartbeat,
    MailBatch,
    MailingList,
    Purpose,
    Subscription,
)
from outbox.rendering import (
    Letter,
    build_message,
    envelope_sender,
    letter_for,
    recipient_address,
)
from outbox.transport import Answer, Mailer, Outcome, kept_mailer

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]
Stop = Callable[[], bool]
# Seconds between two looks for senders that died, and the patience with a database that restarts.
LOOK, PATIENCE = 1.0, 20.0
# Of several statements at once the driver says no more than this when the server goes away.
LOST_DATABASE = (DatabaseError, InterfaceError)


def send_due(*, seconds: float = 50, clock: Clock | None = None, stop: Stop | None = None) -> int:
    """Send for at most `seconds`, or until nothing is due. Returns how many the server took.

    `stop` is asked before each mail; when it says so, what was not begun is given back.
    """
    clock = clock or database_clock()
    Heartbeat.objects.update_or_create(name="send", defaults={"at": clock()})
    with claim.ownership() as owner:
        return _Slice(owner, clock, stop or (lambda: False)).run(seconds)


class _Slice:
    """One sender at work for a while: what it has in hand, and what it has yet to write down."""

    def __init__(self, owner: int, clock: Clock, stop: Stop) -> None:
        self.owner, self.clock, self.stop = owner, clock, stop
        self.mailer: Mailer = kept_mailer()
        self.sent = 0
        self.last: Result | None = None
        self.batches: dict[int, MailBatch] = {}
        self.lists: dict[int, MailingList] = {}
        self.letters: dict[tuple[int, str], Letter] = {}
        self.subscriptions: dict[tuple[int, int | str], Subscription] = {}
        self.paces: dict[str, float] = {}
        self.pushed: Counter[str] = Counter()
        self.looked_at = float("-inf")
        self.gate: GateState | None = None

    def run(self, seconds: float) -> int:
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until and not self.stop():
                gate = self._look_around()
                waits = gate.resume_at is not None and gate.resume_at > self.clock()
                rows = [] if waits or not gate.may_send else self._claim()
                if not rows or not self._send_all(rows, gate):
                    break
        except LOST_DATABASE:
            self._rescue_last()
            raise
        finally:
            self._write_last()
        return self.sent

    def _look_around(self) -> GateState:
        """Once a second. What changes in between, the fence sees before each mail."""
        pulse.beat()
        if self.gate is None or time.monotonic() - self.looked_at > LOOK:
            now, self.looked_at = self.clock(), time.monotonic()
            # A worker that is busy is no worker that is dead: the health page sees the difference.
            Heartbeat.objects.filter(name="send").update(at=now)
            claim.reap(self.owner)
            self.paces = pace.paces(now=now)
            self.gate = gate_state(now=now)
        return self.gate

    def _claim(self) -> list[Delivery]:
        rows = claim.claim(self.owner, now=self.clock())
        self._join_lists(rows)
        self.subscriptions = _subscriptions_of(rows)
        for one in self.subscriptions.values():
            one.mailing_list = self.lists[one.mailing_list_id]
        missing = {row.batch_id for row in rows if row.batch_id} - self.batches.keys()
        self.batches |= MailBatch.objects.in_bulk(missing)
        return rows

    def _join_lists(self, rows: list[Delivery]) -> None:
        """There are few lists and many mails: each list is read once a slice."""
        used = {row.mailing_list_id for row in rows if row.mailing_list_id}
        self.lists |= MailingList.objects.in_bulk(used - self.lists.keys())
        for row in rows:
            if row.mailing_list_id:
                row.mailing_list = self.lists[row.mailing_list_id]

    def _send_all(self, rows: list[Delivery], gate: GateState) -> bool:
        """False where it makes no sense to go on now."""
        for row in rows:
            if self.stop():
                return False
            if self._must_wait(row) or not self._begin(row, gate):
                continue
            answer = self._send(row)
            if answer is None:
                continue
            if answer.outcome == Outcome.HOST:
                pace.open_circuit(failures=gate.failures, now=self.clock())
                return False
            if gate.failures:
                pace.close_circuit()
                gate = self.gate = gate_state(now=self.clock())
        return True

    def _must_wait(self, row: Delivery) -> bool:
        """Quiet hours, and the pace of the receiving host."""
        now = self.clock()
        if row.purpose == Purpose.NEWSLETTER and row.person_id:
            morning = after_quiet(now, row.person.timezone)
            if morning > now:
                self._put_back(row, morning, "waits for the morning")
                return True
        if row.purpose == Purpose.SECURITY or not self.paces:
            return False
        hosts = [host for host in (host_of(recipient_address(row)), pace.ALL) if host in self.paces]
        if not hosts or pace.take_turn(hosts=hosts, now=now):
            return False
        slowest = min(hosts, key=self.paces.__getitem__)
        self.pushed[slowest] += 1
        wait = timedelta(seconds=self.pushed[slowest] / self.paces[slowest])
        self._put_back(row, now + wait, row.reason)
        return True

    def _put_back(self, row: Delivery, due_at: datetime, reason: str) -> None:
        # It was not tried: the attempt that the claim counted is given back.
        changes = queued_again(due_at) | {"reason": reason, "attempts": row.attempts - 1}
        write_result(Result(row, self.owner, changes))

    def _begin(self, row: Delivery, gate: GateState) -> bool:
        last, self.last = self.last, None
        now = self.clock()
        row.dated_at = row.dated_at or now
        try:
            may_go = begin_sending(
                row,
                owner=self.owner,
                installation=gate.installation,
                now=now,
                subscription=self._subscription(row),
                circle=self._circle(row),
                last=last,
            )
        except LOST_DATABASE:
            self.last = last
            raise
        if not may_go:
            changes = changes_for_refused(row, gate=gate, now=self.clock())
            write_refused(Result(row, self.owner, changes))
        return may_go

    def _circle(self, row: Delivery) -> Circle:
        return circle_of(self.batches[row.batch_id].key) if row.batch_id else EVERYBODY

    def _send(self, row: Delivery) -> Answer | None:
        try:
            address, message = build_message(row, self._letter(row), self._subscription(row))
            answer = self.mailer.send(envelope_sender(row), address, message)
        except BadAddress as error:
            answer = Answer(Outcome.BAD_ADDRESS, str(error))
        except Exception as error:
            logger.exception("delivery_not_built", extra={"delivery": str(row.pk)})
            self.mailer.close()
            changes = changes_for_poison(row, error, now=self.clock())
            self.last = Result(row, self.owner, changes)
            return None
        self.last = Result(row, self.owner, changes_for(row, answer, now=self.clock()))
        self.sent += answer.outcome == Outcome.SENT
        if answer.outcome != Outcome.SENT:
            self._write_last()
            self._follow_up(row, answer)
        return answer

    def _follow_up(self, row: Delivery, answer: Answer) -> None:
        now, address = self.clock(), recipient_address(row)
        if answer.outcome == Outcome.SLOW:
            pace.slow_down(host=host_of(address), answer=answer.text, now=now)
            self.paces = pace.paces(now=now)
        watch_batch(row, answer, now=now)
        if answer.outcome in (Outcome.BAD_ADDRESS, Outcome.FULL):
            note_answer(row, address, str(answer.outcome), answer.text, now)

    def _letter(self, row: Delivery) -> Letter:
        if row.batch_id is None:
            return letter_for(row, None)
        key = (row.batch_id, row.language)
        if key not in self.letters:
            self.letters[key] = letter_for(row, self.batches[row.batch_id])
        return self.letters[key]

    def _subscription(self, row: Delivery) -> Subscription | None:
        if row.mailing_list_id is None:
            return None
        return self.subscriptions.get((row.mailing_list_id, row.person_id or row.address.lower()))

    def _write_last(self) -> None:
        last, self.last = self.last, None
        if last is not None:
            try:
                write_result(last)
            except LOST_DATABASE:
                self.last = last
                raise

    def _rescue_last(self) -> None:
        """The database went away while an accepted mail was not yet written down: do it now."""
        until = time.monotonic() + PATIENCE
        while self.last is not None and time.monotonic() < until:
            connection.close()
            try:
                self._write_last()
            except LOST_DATABASE:
                time.sleep(0.2)
        connection.close()


def _subscriptions_of(rows: list[Delivery]) -> dict[tuple[int, int | str], Subscription]:
    """The subscriptions behind claimed rows, in one query: list and person, or address."""
    listed = [row for row in rows if row.mailing_list_id]
    if not listed:
        return {}
    found = Subscription.objects.filter(mailing_list__in={row.mailing_list_id for row in listed})
    people = found.filter(person__in=[row.person_id for row in listed if row.person_id])
    bare = found.filter(
        person=None, address__in=[row.address for row in listed if not row.person_id]
    )
    return {
        (one.mailing_list_id, one.person_id or one.address.lower()): one for one in (*people, *bare)
    }
