"""Parts of the site as processes of their own, on the database of the test that runs."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from cop.local.places import ROOT
from cop.local.processes import Child
from cop.local.system import free_port
from cop.local.valkey import Valkey
from tests.faults.databases import named


def wait_for(happens: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < deadline, f"it did not happen in {seconds:g} s"
        time.sleep(0.05)
    return found


def database_url() -> str:
    """Of the database of this test: the server is known, the name is the test's."""
    return named(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])


def environment(**more: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        **more,
    }


class OwnValkey:
    """A Valkey that a test may close and freeze."""

    def __init__(self, folder: Path) -> None:
        # A socket's address must be short.
        self.valkey = Valkey(folder / "data", folder, folder / "valkey.log", throw_away=True)
        self.url = self.valkey.url
        self.start()

    def start(self) -> None:
        self.child = Child(self.valkey.program)
        wait_for(lambda: self.child.is_ready)

    def close(self) -> None:
        self.child.kill()
        self.valkey.socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        self.child.popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.child.popen.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def process(command: list[str], log: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m ...` from the root of the site, ended with all its children."""
    with log.open("ab") as file:
        started = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment(**more),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        started.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()


@contextlib.contextmanager
def site(log: Path, *, workers: int = 1, wsgi: str = "cop.wsgi", **more: str) -> Iterator[int]:
    """gunicorn as `make run` starts it. Gives the port."""
    port = free_port()
    command = ["gunicorn", wsgi, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    command += ["--workers", str(workers), "--threads", "4", "--preload", "--no-control-socket"]
    with process(command, log, **more) as server:
        wait_for(lambda: _answers(port) or server.poll() is not None, 40)
        assert server.poll() is None, log.read_text()[-2000:]
        yield port


def _answers(port: int) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        client.request("GET", "/healthz")
        return client.getresponse().status in {200, 503}
    except OSError:
        return False
    finally:
        client.close()
