"""Starts a worker, asks it for signs of life, and starts it anew when it stands still (F8).

    python -m cop.watchdog [--silence 90] [--grace 75] -- celery -A cop.celery worker -Q mail …

A worker can live and yet take no task any more: frozen, cut off from its queue, caught in a
call that never returns. So every few seconds a task of no content goes to a queue of this one
worker alone, and whatever runs touches the file PULSE_FILE (cop/core/pulse.py). While the
broker itself is away nobody is to blame. A worker that ends by itself ends the watchdog with its
number: whoever started the two starts them again.

It loads neither Django nor Celery, so that it stays small and has little to fail on.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from kombu import Connection, Exchange, Queue

from cop.core.broker import broker_url
from cop.local.system import die_with_parent

SECONDS_BETWEEN_LOOKS = 0.3
IMPATIENT = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0}
# Whoever did not look for so long was asleep itself, and the worker with it.
NAP = 10.0


@dataclass
class Watchdog:
    command: list[str]
    broker: str
    pulse_file: Path
    # Seconds: how long a worker may be silent, and how long it may take to end what it has begun.
    silence: float
    grace: float
    # Seconds between two questions to a worker that is silent.
    every: float

    def __post_init__(self) -> None:
        self.queue = f"pulse.{socket.gethostname()}.{os.getpid()}"
        self.worker: subprocess.Popen[bytes] | None = None
        self.stop_by: float | None = None
        # By the clock that never jumps: the one on the wall may.
        self.seen_at = self.looked_at = self.next_pulse = time.monotonic()
        self.mark = 0.0

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        try:
            while True:
                code = self._watch(self._start())
                if code is not None:
                    return code
        finally:
            self._forget_queue()

    def _start(self) -> subprocess.Popen[bytes]:
        self.worker = subprocess.Popen(
            self.command,
            env={**os.environ, "PULSE_FILE": str(self.pulse_file), "PULSE_QUEUE": self.queue},
            # A group of its own: to end it means to end its own children as well.
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        self._excuse()
        if self.stop_by is not None:
            self.worker.terminate()
        return self.worker

    def _watch(self, worker: subprocess.Popen[bytes]) -> int | None:
        """Its exit code once it has ended; None when it stood still and has been killed."""
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = worker.wait(SECONDS_BETWEEN_LOOKS)
                _kill_group(worker)
                return 0 if self.stop_by is not None else _shell_code(code)
            if self.stop_by is not None:
                if time.monotonic() > self.stop_by:
                    say("worker_did_not_end", seconds=self.grace, pid=worker.pid)
                    _kill_group(worker)
                continue
            silent = self._silent_for()
            if silent > self.silence:
                say("worker_silent", seconds=round(silent), pid=worker.pid)
                _kill_group(worker)
                worker.wait()
                return None
            if silent > self.every and time.monotonic() > self.next_pulse:
                self._send_pulse()

    def _silent_for(self) -> float:
        now = time.monotonic()
        try:
            mark = self.pulse_file.stat().st_mtime
        except OSError:
            mark = 0.0
        if mark != self.mark or now - self.looked_at > NAP:
            self.mark, self.seen_at = mark, now
        self.looked_at = now
        return now - self.seen_at

    def _send_pulse(self) -> None:
        try:
            with Connection(self.broker, transport_options=IMPATIENT) as broker:
                _publish(broker, self.queue, expires=self.silence)
        except Exception as error:
            # The broker is away, and the client has many ways to say so.
            say("broker_away", error=type(error).__name__)
            self._excuse()
        self.looked_at = time.monotonic()
        self.next_pulse = self.looked_at + self.every

    def _excuse(self) -> None:
        """Begin to count anew: it has just been started, or cannot be asked."""
        self.seen_at = self.looked_at = time.monotonic()
        with contextlib.suppress(OSError):
            self.pulse_file.touch()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_by = time.monotonic() + self.grace
        if self.worker is not None and self.worker.poll() is None:
            self.worker.terminate()

    def _forget_queue(self) -> None:
        with (
            contextlib.suppress(Exception),
            Connection(self.broker, transport_options=IMPATIENT) as broker,
        ):
            # As the worker declared it (cop/tasks.py): only who declared it can undo that.
            queue = Queue(self.queue, Exchange("celery"), self.queue)(broker.default_channel)
            queue.declare()
            queue.delete()


def _publish(broker: Connection, queue: str, *, expires: float) -> None:
    """A task message of Celery (protocol 2), straight into the queue."""
    number = uuid.uuid4().hex
    until = datetime.fromtimestamp(time.time() + expires, tz=UTC).isoformat()
    broker.Producer(auto_declare=False).publish(
        [[], {}, {}],
        exchange="",
        routing_key=queue,
        serializer="json",
        correlation_id=number,
        headers={"lang": "py", "task": "cop.pulse", "id": number, "expires": until, "retries": 0},
        retry=False,
    )


def _kill_group(worker: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(worker.pid, signal.SIGKILL)


def _shell_code(code: int) -> int:
    return code if code >= 0 else 128 - code


def say(event: str, **facts: object) -> None:
    """One line of log, as the processes of the site write theirs."""
    now = datetime.now(UTC).isoformat()
    line = {"event": event, "level": "error", "logger": "cop.watchdog", "timestamp": now, **facts}
    print(json.dumps(line), flush=True)


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cop.watchdog")
    parser.add_argument("--silence", type=float, default=90, help="seconds without a sign of life")
    parser.add_argument("--every", type=float, default=15, help="seconds between two questions")
    parser.add_argument("--grace", type=float, default=75, help="seconds to end after SIGTERM")
    parser.add_argument("command", nargs="+", help="after --: the worker and its arguments")
    options = parser.parse_args(arguments)
    if "REDIS_URL" not in os.environ:
        parser.error("REDIS_URL is not set: the address of Valkey")
    return options


def main() -> int:
    options = options_of()
    own_file = Path(tempfile.gettempdir()) / f"cop-pulse-{os.getpid()}"
    watchdog = Watchdog(
        command=options.command,
        broker=broker_url(os.environ["REDIS_URL"]),
        pulse_file=Path(os.environ.get("PULSE_FILE") or own_file),
        silence=options.silence,
        grace=options.grace,
        every=options.every,
    )
    try:
        return watchdog.run()
    finally:
        own_file.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
