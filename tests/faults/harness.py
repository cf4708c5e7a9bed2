"""A whole site for one fault test: database, broker, mail server, and workers that can be killed.

Counting is by Message-ID, from the log of the mail server: lost = expected - unique,
duplicates = total - unique.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2
from celery import Celery

from cop.celery import app
from cop.core.broker import broker_url
from cop.local.places import ROOT, Places
from cop.local.processes import Child, last_lines, stop_together
from cop.local.system import die_with_parent
from cop.local.valkey import Valkey
from tests.faults.databases import connect, rows_of
from tests.faults.mailserver import Sink
from tests.faults.waiting import PATIENCE, wait_until
from tests.faults.workers import Nursery, Worker

# FAULT_FULL=1: with the waits of real life instead of short ones. FAULT_ROUNDS=10: F1 so often.
# FAULT_SEED=…: the same kills at the same moments again.
FULL = os.environ.get("FAULT_FULL", "") not in ("", "0")
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
SEED = int(os.environ.get("FAULT_SEED", "0")) or random.SystemRandom().randrange(10**6)
TEMPLATE = "cop_faults"
TICK = app.conf.beat_schedule["send"]["options"]
PYTHON = [sys.executable, "-m"]


class Site:
    """One database, one broker, one mail server, and whatever runs against them."""

    def __init__(self, folder: Path, database_url: str, sink: Sink, *, without: str = "") -> None:
        self.folder, self.url, self.sink, self.numbers = folder, database_url, sink, 0
        self.without = without.split()
        folder.mkdir(parents=True, exist_ok=True)
        places = Places(folder / "var")
        places.make()
        self.broker = Child(
            Valkey(places.broker, places.sockets(), folder / "valkey.log", throw_away=True).program
        )
        self.redis_url = Valkey(places.broker, places.sockets(), folder / "valkey.log").url
        self.environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "VAR_DIR": str(places.var),
            "STATEMENT_TIMEOUT_MS": "60000",
        }
        wait_until(lambda: self.broker.is_ready, what="a broker")
        self.nursery = Nursery(folder, self.environment)
        self._connection: Any = None
        self.workers: list[Worker] = []
        self.others: list[subprocess.Popen[bytes]] = []
        self.celery = Celery("ticks", broker=broker_url(self.redis_url))
        self._stop_ticks = threading.Event()
        self._ticks: threading.Thread | None = None

    # --- what runs ---

    def worker(self, name: str = "", **faults: Any) -> Worker:
        """A mail worker, as `celery -A cop.celery worker -Q mail -P solo` starts one."""
        self.numbers += 1
        name = f"{name or 'mail'}{self.numbers}"
        command = ["--quiet", "worker", "-Q", "mail", "-P", "solo", "-c", "1", "-n", f"{name}@%h"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
        worker = self._start(name, command, faults)
        self.workers.append(worker)
        return worker

    def watched_worker(self, *, silence: float) -> subprocess.Popen[bytes]:
        """A worker under its watchdog, started as on a server. Ends with the site."""
        celery = [*PYTHON, "celery", "-A", "cop.celery", "worker", "-Q", "mail", "-P", "solo"]
        command = [*PYTHON, "cop.watchdog", "--silence", str(silence), "--", *celery]
        with (self.folder / "watched.log").open("ab") as log:
            watchdog = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGKILL),
                start_new_session=True,
            )
        self.others.append(watchdog)
        return watchdog

    def beat(self, **faults: Any) -> Worker:
        schedule = str(self.folder / "beat-schedule")
        return self._start("beat", ["beat", "-s", schedule, "--pidfile=", "-l", "INFO"], faults)

    def _start(self, name: str, command: list[str], faults: dict[str, Any]) -> Worker:
        pid = self.nursery.fork(
            celery=command,
            log=str(self.folder / f"{name}.log"),
            env={"PGAPPNAME": name},
            without=self.without,
            faults=faults,
        )
        return Worker(name, pid, self.nursery)

    def call(self, job: str, *, faults: dict[str, Any] | None = None, **arguments: Any) -> Any:
        """Run one of tests/faults/jobs.py in a process of its own."""
        return self.wait_for(self.start_call(job, faults=faults, **arguments))

    def start_call(
        self, job: str, *, faults: dict[str, Any] | None = None, **arguments: Any
    ) -> tuple[int, Path]:
        self.numbers += 1
        result = self.folder / f"result-{self.numbers}.json"
        pid = self.nursery.fork(
            job=job,
            arguments=arguments,
            result=str(result),
            log=str(self.folder / "jobs.log"),
            without=self.without,
            faults=faults or {},
        )
        return pid, result

    def wait_for(self, call: tuple[int, Path], seconds: float = 120) -> Any:
        pid, result = call
        wait_until(lambda: pid in self.nursery.exits, seconds, "a job ends")
        assert self.nursery.exits[pid] == 0, last_lines(self.folder / "jobs.log", 40)
        return json.loads(result.read_text())

    def tick(self) -> None:
        """What beat does, each second: a task for each worker that may be idle."""
        if self._ticks is None:
            self._ticks = threading.Thread(target=self._tick_on, daemon=True)
            self._ticks.start()

    def _tick_on(self) -> None:
        while not self._stop_ticks.wait(0.5):
            living = sum(not one.has_ended for one in self.workers)
            with suppress(Exception), self.celery.connection_for_write() as connection:
                waiting = connection.default_channel.client.llen("mail")
                for _one in range(max(living, 1) - waiting):
                    self.celery.send_task(
                        "outbox.send_slice", queue="mail", connection=connection, **TICK
                    )

    # --- what is so ---

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Over one kept connection: the harness must not be what slows the senders down."""
        try:
            return rows_of(self._kept(), query, values)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            self._connection = None
            return rows_of(self._kept(), query, values)

    def _kept(self) -> Any:
        if self._connection is None:
            self._connection = connect(self.url)
        return self._connection

    def reasons(self, state: str) -> Counter[str]:
        query = "SELECT reason, count(*) FROM outbox_delivery WHERE state = %s GROUP BY 1"
        return Counter(dict(self.sql(query, state)))

    def states(self) -> Counter[str]:
        return Counter(dict(self.sql("SELECT state, count(*) FROM outbox_delivery GROUP BY 1")))

    def is_settled(self) -> bool:
        """Nothing waits and nothing is in anybody's hands."""
        rows = self.sql(
            "SELECT 1 FROM outbox_delivery WHERE state IN ('queued', 'claimed') LIMIT 1"
        )
        return not rows

    def settle(self, seconds: float = PATIENCE, *, hurry: bool = False) -> float:
        """Wait for the end. `hurry`: the waits between two tries pass at once."""

        hurried = 0.0

        def _is_settled() -> bool:
            nonlocal hurried
            if hurry and time.monotonic() - hurried > 2:
                hurried = time.monotonic()
                self.hurry()
            return self.is_settled()

        return wait_until(_is_settled, seconds, "nothing waits any more", every=0.25)

    def hurry(self) -> None:
        """Let the time pass until the next try of whatever waits for one."""
        self.sql(
            "UPDATE outbox_delivery SET due_at = now() WHERE state = 'queued' AND attempts > 0 "
            "AND due_at > now()"
        )

    def owner_of(self, worker: Worker) -> int | None:
        """The number under which a worker holds its rows: its advisory lock says so."""
        rows = self.sql(
            "SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l "
            "JOIN pg_stat_activity a USING (pid) JOIN pg_database b ON b.oid = l.database "
            "WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND b.datname = current_database() "
            "AND a.application_name = %s",
            worker.name,
        )
        return rows[0][0] if rows else None

    def held_by(self, owner: int) -> int:
        return self.sql(
            "SELECT count(*) FROM outbox_delivery WHERE state = 'claimed' AND owner = %s", owner
        )[0][0]

    def logs(self) -> str:
        return "\n".join(last_lines(path) for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        self._stop_ticks.set()
        if self._ticks is not None:
            self._ticks.join(5)
        for pid in {one.pid for one in self.workers} - self.nursery.exits.keys():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for other in self.others:
            other.kill()
            other.wait()
        self.nursery.close()
        if self._connection is not None:
            self._connection.close()
        stop_together([self.broker])


class Crew:
    """So many workers, replaced at once when one ends."""

    def __init__(self, site: Site, size: int, **faults: Any) -> None:
        self.site, self.faults = site, faults
        self.members = [site.worker(**faults) for _one in range(size)]
        site.tick()

    def replace(self, member: Worker) -> None:
        place = self.members.index(member)
        self.members[place] = self.site.worker(**self.faults)

    def replace_dead(self) -> int:
        dead = [one for one in self.members if one.has_ended]
        for member in dead:
            self.replace(member)
        return len(dead)
