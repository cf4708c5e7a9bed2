"""Many people who press one button at the same moment, over real HTTP."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any

from cop.local.system import free_port

CSRF = "c" * 32


@dataclass
class Rush:
    """How it went: the status of each answer, its milliseconds, and the seconds of all."""

    statuses: list[int] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0

    @property
    def p95(self) -> float:
        return sorted(self.milliseconds)[int(len(self.milliseconds) * 0.95) - 1]

    @property
    def failed(self) -> list[int]:
        return [status for status in self.statuses if status != 302]


def rush(port: int, visits: list[tuple[str, str, str]]) -> Rush:
    """All at once: (path, session, body) each. Whoever waits in the queue of the server, waits."""
    start = Barrier(len(visits) + 1)

    def visit(one: tuple[str, str, str]) -> tuple[int, float]:
        start.wait(timeout=60)
        return post(port, *one)

    with ThreadPoolExecutor(len(visits)) as pool:
        waiting = [pool.submit(visit, one) for one in visits]
        start.wait(timeout=60)
        began = time.perf_counter()
        found = [one.result() for one in waiting]
        seconds = time.perf_counter() - began
    statuses, milliseconds = zip(*found, strict=True)
    return Rush(list(statuses), list(milliseconds), seconds)


def post(port: int, path: str, session: str, body: str) -> tuple[int, float]:
    """As a browser does. The status (0: no answer) and the milliseconds."""
    headers = {
        "Cookie": f"session={session}; csrf={CSRF}",
        "X-CSRFToken": CSRF,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    client = http.client.HTTPConnection("localhost", port, timeout=60)
    began = time.perf_counter()
    try:
        client.request("POST", path, body, headers)
        response = client.getresponse()
        response.read()
        status = response.status
    except OSError:
        status = 0
    finally:
        client.close()
    return status, (time.perf_counter() - began) * 1000


def session_of(person: Any) -> str:  # noqa: ANN401
    """The cookie of somebody who is signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@contextlib.contextmanager
def gunicorn(wsgi: str, log: Path, **more: str) -> Iterator[int]:
    """As `make run` starts it, but two workers. Gives the port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", wsgi, "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload"]
    with log.open("ab") as file:
        server = subprocess.Popen(
            [*command, "--no-control-socket"], env={**os.environ, **more}, stdout=file,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while post(port, "/", "", "")[0] == 0:
            if server.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{wsgi} did not start: {log.read_text()[-1500:]}")
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
