"""The watchdog over workers of a few lines. Real ones: tests/faults/test_watchdog.py."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from cop.local.system import IS_LINUX, exists, free_port

# Answers as a worker does: takes what is in its queue and touches the file.
WORKER = """
import os, pathlib, redis, signal, sys, time
print("started", os.getpid(), flush=True)
signal.signal(signal.SIGTERM, lambda *a: (print("told", flush=True), sys.exit(0)))
pulse = pathlib.Path(os.environ["PULSE_FILE"])
queue = redis.Redis.from_url(os.environ["REDIS_URL"])
while True:
    if queue.lpop(os.environ["PULSE_QUEUE"]):
        pulse.touch()
    time.sleep(0.02)
"""
ENDLESS = "import os, time; print('started', os.getpid(), flush=True); time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + ENDLESS
BUSY = (
    "import os, pathlib, time; print('started', os.getpid(), flush=True); "
    "[(pathlib.Path(os.environ['PULSE_FILE']).touch(), time.sleep(0.1)) for _ in range(600)]"
)


class Guarded:
    def __init__(self, process: subprocess.Popen, log: Path, pulse: Path) -> None:
        self.process, self.log, self.pulse = process, log, pulse

    def lines(self, event: str) -> list[dict[str, Any]]:
        found = [line for line in self.log.read_text().splitlines() if f'"{event}"' in line]
        return [json.loads(line) for line in found]

    def pids(self) -> list[int]:
        words = [line.split() for line in self.log.read_text().splitlines()]
        return [int(word[1]) for word in words if word[:1] == ["started"]]


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Callable[..., Guarded]]:
    started: list[subprocess.Popen] = []

    def start(code: str, *, silence: float = 1.2, grace: float = 5, **more: str) -> Guarded:
        pulse, log = tmp_path / "pulse", tmp_path / "log"
        command = [sys.executable, "-m", "cop.watchdog", "--silence", str(silence)]
        command += ["--every", "0.2", "--grace", str(grace), "--", sys.executable, "-c", code]
        with log.open("wb") as file:
            process = subprocess.Popen(
                command, stdout=file, env={**os.environ, "PULSE_FILE": str(pulse), **more}
            )
        started.append(process)
        guarded = Guarded(process, log, pulse)
        wait_for(lambda: guarded.pids() or process.poll() is not None)
        return guarded

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


def wait_for(happens: Callable[[], Any], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_worker_that_answers_is_left_alone(guard: Callable[..., Guarded]) -> None:
    guarded = guard(WORKER)
    time.sleep(2)

    assert len(guarded.pids()) == 1
    assert time.time() - guarded.pulse.stat().st_mtime < 1


def test_worker_that_stands_still_is_started_anew(guard: Callable[..., Guarded]) -> None:
    guarded = guard(WORKER)
    os.kill(guarded.pids()[0], signal.SIGSTOP)
    wait_for(lambda: len(guarded.pids()) == 2)

    assert [line["pid"] for line in guarded.lines("worker_silent")] == guarded.pids()[:1]
    assert not exists(guarded.pids()[0])
    time.sleep(1.5)
    assert len(guarded.pids()) == 2


def test_worker_that_stands_still_stays_so_without_a_limit(guard: Callable[..., Guarded]) -> None:
    """The control: it is the limit that ends it."""
    guarded = guard(WORKER, silence=1000)
    os.kill(guarded.pids()[0], signal.SIGSTOP)
    time.sleep(2)

    assert len(guarded.pids()) == 1
    os.kill(guarded.pids()[0], signal.SIGCONT)


def test_busy_worker_is_left_alone(guard: Callable[..., Guarded]) -> None:
    """It takes no task, but whatever it has in hand shows life."""
    guarded = guard(BUSY)
    time.sleep(2)
    assert len(guarded.pids()) == 1


def test_nobody_is_to_blame_while_the_broker_is_away(guard: Callable[..., Guarded]) -> None:
    guarded = guard(ENDLESS, REDIS_URL=f"redis://127.0.0.1:{free_port()}")
    time.sleep(2)

    assert len(guarded.pids()) == 1
    assert guarded.lines("broker_away")
    assert time.time() - guarded.pulse.stat().st_mtime < 1


def test_sigterm_reaches_the_worker_and_is_waited_for(guard: Callable[..., Guarded]) -> None:
    guarded = guard(WORKER)
    time.sleep(0.3)
    guarded.process.terminate()

    assert guarded.process.wait(5) == 0
    assert "told" in guarded.log.read_text()


def test_worker_that_does_not_listen_is_ended_after_the_grace(
    guard: Callable[..., Guarded],
) -> None:
    guarded = guard(DEAF, grace=0.5)
    guarded.process.terminate()

    assert guarded.process.wait(5) == 0
    assert guarded.lines("worker_did_not_end")
    assert not exists(guarded.pids()[0])


@pytest.mark.parametrize(("code", "number"), [("exit(3)", 3), ("os.kill(os.getpid(), 9)", 137)])
def test_worker_that_ends_by_itself_ends_the_watchdog(
    guard: Callable[..., Guarded], code: str, number: int
) -> None:
    """Whoever started both starts both again, less and less often."""
    guarded = guard(f"import os; {code}")
    assert guarded.process.wait(5) == number


@pytest.mark.skipif(not IS_LINUX, reason="only Linux can tell a child of the death of its parent")
def test_watchdog_that_is_killed_takes_its_worker_along(guard: Callable[..., Guarded]) -> None:
    guarded = guard(ENDLESS)
    guarded.process.kill()
    guarded.process.wait()
    wait_for(lambda: not exists(guarded.pids()[0]))


def test_queue_is_gone_with_the_watchdog(guard: Callable[..., Guarded]) -> None:
    guarded = guard(ENDLESS, silence=30)
    valkey = redis.Redis.from_url(os.environ["REDIS_URL"])
    name = f"pulse.*.{guarded.process.pid}"
    wait_for(lambda: valkey.keys(name))
    guarded.process.terminate()
    guarded.process.wait(5)

    assert valkey.keys(name) == []
    assert not [one for one in valkey.smembers("_kombu.binding.celery") if b"pulse." in one]


def test_watchdog_is_small() -> None:
    code = (
        "import sys, cop.watchdog; "
        "print([m for m in ('django.conf', 'django.db', 'celery') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
