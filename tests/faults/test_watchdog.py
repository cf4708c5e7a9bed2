"""F8: a worker that lives and takes no task. Real Celery, real watchdog.

The limits are shortened, or the run would only wait; FAULT_FULL=1 takes those of a server.
"""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from cop import watchdog
from cop.celery import app as celery
from cop.health import health_report
from cop.local.system import exists
from outbox.models import Heartbeat
from tests.faults.stack import process, wait_for
from tests.processes import children_of

pytestmark = pytest.mark.faults
IS_FULL = os.environ.get("FAULT_FULL", "") not in ("", "0")
SILENCE, EVERY = (90, 15) if IS_FULL else (10, 1)
# What F8 allows from the stop to the restart, and what is left for noticing.
PROMISE = 120 if IS_FULL else SILENCE + 10
MAIL = ["-Q", "mail", "-P", "solo"]
OTHER = ["-Q", "celery", "-c", "1"]


class Guarded:
    def __init__(self, folder: Path, name: str) -> None:
        self.log, self.name, self.pulse = folder / "log", f"{name}@faults", folder / "pulse"

    def command(self, arguments: list[str], silence: float) -> list[str]:
        worker = ["celery", "-A", "cop.celery", "worker", "-n", self.name, *arguments]
        worker += ["--without-gossip", "--without-mingle", "-l", "INFO"]
        guard = ["cop.watchdog", "--silence", str(silence), "--every", str(EVERY)]
        return [*guard, "--grace", "8", "--", "python", "-m", *worker]

    def starts(self) -> int:
        return self.log.read_text().count('"[address] ready."')

    def has_shown_life(self) -> bool:
        return self.pulse.exists() and "worker_silent" not in self.log.read_text()


@pytest.fixture
def _clean_broker() -> Iterator[None]:
    yield
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()


def guarded_worker(folder: Path, arguments: list[str], silence: float = SILENCE):
    guarded = Guarded(folder, "f8")
    path = os.path.dirname(os.sys.executable) + ":" + os.environ["PATH"]
    run = process(
        guarded.command(arguments, silence), guarded.log, PULSE_FILE=str(guarded.pulse), PATH=path
    )
    return guarded, run


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_clean_broker")
@pytest.mark.parametrize("arguments", [MAIL, OTHER], ids=["mail", "other"])
def test_frozen_worker_is_started_anew_and_works(tmp_path: Path, arguments: list[str]) -> None:
    guarded, run = guarded_worker(tmp_path, arguments)
    with run as guard:
        wait_for(lambda: guarded.starts() == 1, 40)
        time.sleep(SILENCE + 2 if not IS_FULL else 20)  # left alone it goes on
        assert guarded.starts() == 1
        assert guarded.has_shown_life()
        (worker,) = children_of(guard.pid)
        family = [worker, *children_of(worker)]
        os.kill(worker, signal.SIGSTOP)
        stopped = time.monotonic()
        wait_for(lambda: guarded.starts() == 2, PROMISE)
        took = time.monotonic() - stopped
        celery.send_task("outbox.send_slice", queue="mail")
        if arguments is MAIL:
            wait_for(lambda: Heartbeat.objects.filter(name="send").exists())

    print(f"F8: started anew {took:.1f} s after it froze (silence {SILENCE} s)")
    assert took <= PROMISE
    assert not [pid for pid in family if exists(pid)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_clean_broker")
def test_worker_that_answers_pings_but_takes_no_task_is_started_anew(tmp_path: Path) -> None:
    """The shape of celery#8091: connected again, and consuming nothing."""
    guarded, run = guarded_worker(tmp_path, OTHER)
    with run as guard:
        wait_for(lambda: guarded.starts() == 1, 40)
        for name in ("celery", f"pulse.{socket.gethostname()}.{guard.pid}"):
            celery.control.cancel_consumer(name, destination=[guarded.name], reply=True, timeout=5)
        assert celery.control.ping([guarded.name], timeout=5)
        wait_for(lambda: guarded.starts() == 2, PROMISE)

    assert '"worker_silent"' in guarded.log.read_text()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_clean_broker")
def test_frozen_worker_stays_frozen_without_the_limit(tmp_path: Path) -> None:
    """The control: nothing else starts it anew."""
    guarded, run = guarded_worker(tmp_path, MAIL, silence=100_000)
    with run as guard:
        wait_for(lambda: guarded.starts() == 1, 40)
        (worker,) = children_of(guard.pid)
        os.kill(worker, signal.SIGSTOP)
        time.sleep(SILENCE + 5)
        assert guarded.starts() == 1
        assert exists(worker)
        os.kill(worker, signal.SIGCONT)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_clean_broker")
def test_health_page_is_red_70_seconds_after_the_only_sender_froze(tmp_path: Path) -> None:
    guarded, run = guarded_worker(tmp_path, MAIL, silence=100_000)
    with run as guard:
        wait_for(lambda: guarded.starts() == 1, 40)
        celery.send_task("outbox.send_slice", queue="mail")
        wait_for(lambda: Heartbeat.objects.filter(name="send").exists())
        (worker,) = children_of(guard.pid)
        os.kill(worker, signal.SIGSTOP)
        assert "tick" not in health_report(now=timezone.now())["attention"]
        for _ in range(7):
            celery.send_task("outbox.send_slice", queue="mail", expires=9)
        now = timezone.now()
        assert "tick" in health_report(now=now + timezone.timedelta(seconds=70))["attention"]
        os.kill(worker, signal.SIGCONT)


def test_real_limits_keep_the_promise() -> None:
    """Noticed, killed and ready again in 120 s: 90 s of silence, and starting takes the rest."""
    options = watchdog.options_of(["--", "celery"])
    assert options.silence + options.every + 10 <= 120
