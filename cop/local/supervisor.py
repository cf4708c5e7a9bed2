"""The one process behind `make run`: starts the others in order, watches them, stops them."""

import signal
import time
from collections.abc import Callable, Iterable
from types import FrameType

from cop.local import programs
from cop.local.environment import local_environment, write_environment
from cop.local.fingerprint import is_prepared, mark_prepared
from cop.local.lock import clear_the_way, only_one
from cop.local.places import Places
from cop.local.postgres import Postgres
from cop.local.processes import (
    Child,
    Program,
    last_lines,
    remember,
    stop_together,
)
from cop.local.restarts import Restarts
from cop.local.screen import Step, say, shown, step, welcome
from cop.local.system import LocalError, free_port
from cop.local.valkey import Valkey

SECONDS_TO_START = 120
SECONDS_TO_LOAD = 1800
# A clock that ticks no more is as bad as a dead one (seconds). Workers have a watchdog each.
SILENCE = 120
SECONDS_BETWEEN_LOOKS = 15


class Stop(Exception):
    """Somebody pressed Ctrl-C, closed the window or sent a SIGTERM."""


class Supervisor:
    def __init__(self, places: Places, port: int) -> None:
        self.places = places
        self.port = port
        self.url = f"http://localhost:{port}"
        self.children: dict[str, Child] = {}
        self.restarts = Restarts()
        self.stopping = False
        self.next_look = 0.0

    def run(self) -> int:
        began = time.monotonic()
        with only_one(self.places, self.url):
            self._listen()
            try:
                self._start()
                seconds = time.monotonic() - began
                say(welcome(url=self.url, logs=shown(self.places.log), seconds=seconds))
                self._watch()
            except Stop:
                return 0
            except LocalError as error:
                # A Ctrl-C reaches the tools we wait for as well: then their failure is none.
                if not self.stopping:
                    say(f"\n{error}")
                return 0 if self.stopping else 1
            finally:
                self._stop()
        return 0

    def _listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
            signal.signal(signal.SIGHUP, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self) -> None:
        left = clear_the_way(self.places, self.port)
        if left:
            say(f"  Cleared away what an earlier run left: {', '.join(left)}")
        smtp_port = free_port()
        sockets = self.places.sockets()
        log = self.places.log
        postgres = Postgres(self.places.database, sockets, log / "postgres.log")
        valkey = Valkey(self.places.broker, sockets, log / "valkey.log")
        services = {
            "DATABASE_URL": (postgres.url, lambda: postgres.program),
            "REDIS_URL": (valkey.url, lambda: valkey.program),
            "EMAIL_URL": (
                f"smtp://127.0.0.1:{smtp_port}",
                lambda: programs.mailbox(self.places, smtp_port),
            ),
        }
        environment = local_environment(
            self.places,
            port=self.port,
            services={name: url for name, (url, _) in services.items()},
        )
        wanted = [make() for name, (url, make) in services.items() if environment[name] == url]
        first = "Making the database" if not postgres.exists else "Starting the database"
        with step(f"{first}, the broker and the mailbox") as line:
            self._launch(wanted, line)
        write_environment(self.places.environment, environment)
        self._prepare(postgres, environment)
        with step("Starting the web server and the background workers") as line:
            pages = programs.web(self.places, environment, self.port)
            hands = [make(self.places, environment) for make in (programs.mail, programs.worker)]
            clock = programs.beat(self.places, environment)
            # Whoever waits for the first page has both cores to himself.
            self._launch([pages], line)
            self._launch([*hands, clock], line)

    def _prepare(self, postgres: Postgres, environment: dict[str, str]) -> None:
        own = environment["DATABASE_URL"] == postgres.url
        # The stamp lives and dies with the data folder it speaks of.
        stamp = postgres.data / "cop.prepared"
        if own and is_prepared(stamp):
            return
        with step("Preparing the tables and the demo communities") as line:
            child = Child(programs.prepare(self.places, environment))
            self.children[child.name] = child
            remember(self.children.values(), self.places.children)
            self._wait(lambda: not child.is_running, line, SECONDS_TO_LOAD, [])
            if child.popen.returncode != 0:
                raise _failure(child)
        del self.children[child.name]
        if own:
            mark_prepared(stamp)

    def _launch(self, wanted: Iterable[Program], line: Step) -> None:
        started = []
        for program in wanted:
            self._check_stop()
            child = Child(program)
            started.append(child)
            self.children[child.name] = child
            remember(self.children.values(), self.places.children)
        self._wait(lambda: all(c.is_ready for c in started), line, SECONDS_TO_START, started)

    def _wait(
        self, done: Callable[[], bool], line: Step, seconds: float, needed: Iterable[Child]
    ) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            self._check_stop()
            for child in needed:
                if not child.is_running:
                    raise _failure(child)
            if time.monotonic() > deadline:
                waiting = next((c for c in needed if not c.is_ready), None)
                if waiting:
                    raise _failure(waiting)
                raise LocalError(f"That took too long. Logs: {shown(self.places.log)}")
            line.tick()
            time.sleep(0.05)

    def _watch(self) -> None:
        while True:
            self._check_stop()
            for name, child in list(self.children.items()):
                if not child.is_running:
                    self._revive(name, child)
            self._look_for_silence()
            time.sleep(0.3)

    def _revive(self, name: str, child: Child) -> None:
        notice = self.restarts.ended(child)
        if notice:
            say(notice)
        if self.restarts.is_due(name):
            try:
                self.children[name] = Child(child.program)
            except (LocalError, OSError) as error:
                say(f"  {name} could not start again: {error}")
            self.restarts.tried(name)
            remember(self.children.values(), self.places.children)

    def _look_for_silence(self) -> None:
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + SECONDS_BETWEEN_LOOKS
        # `attention` tells what is wrong; only a silence as old as the process counts.
        clock = self.children["beat"]
        silence = (programs.health(self.port) or {}).get("last_tick_s") or 0
        if silence > SILENCE and clock.age > SILENCE:
            say(f"  Nothing was sent for {silence:.0f} s; starting beat again.")
            clock.kill()

    def _check_stop(self) -> None:
        if self.stopping:
            raise Stop

    def _stop(self) -> None:
        self.stopping = True
        say()
        with step("Stopping") as line:
            services = [c for n, c in self.children.items() if n in ("postgres", "valkey")]
            rest = [c for c in self.children.values() if c not in services]
            stop_together(rest)
            line.tick()
            stop_together(services)
        self.places.children.unlink(missing_ok=True)
        self.places.environment.unlink(missing_ok=True)


def _failure(child: Child) -> LocalError:
    code = child.popen.poll()
    state = "did not get ready" if code is None else f"ended ({code})"
    log = child.program.log
    return LocalError(f"{child.name} {state}. Log: {shown(log)}\n{last_lines(log)}")
