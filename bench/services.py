"""A PostgreSQL and a sink for mail of this run alone, on disk like real ones, thrown away after."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cop.local.places import Places
from cop.local.postgres import Postgres
from cop.local.processes import Child, stop_together
from cop.local.system import free_port


@contextmanager
def own_services() -> Iterator[int]:
    """Start them, point the environment at them, and yield the port of the sink.

    Nobody plays the broker: a nudge fails in its half second and the circuit opens. BENCH_KEEP
    names a folder that stays, for what takes long to fill.
    """
    kept = os.environ.get("BENCH_KEEP", "")
    folder = Path(kept or tempfile.mkdtemp(prefix="cop-bench"))
    places = Places(folder)
    places.make()
    postgres = Postgres(places.database, places.sockets(), places.log / "postgres.log")
    child = Child(postgres.program)
    port = free_port()
    command = [sys.executable, "-m", "bench.sink", str(port)]
    sink = subprocess.Popen(command)
    os.environ |= {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "SECRET_KEY": "only-for-measuring",
        "SITE_URL": "http://localhost:8000",
        "DEFAULT_FROM_EMAIL": "Bench <bench@cop.example>",
        "POSTAL_ADDRESS": "1 Bench Street, Victoria BC",
        "STATEMENT_TIMEOUT_MS": "0",
        "LOCAL_MODE": "0",
        "VAR_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
    }
    try:
        _wait(lambda: child.is_ready and _answers(port))
        yield port
    finally:
        sink.terminate()
        stop_together([child])
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def _wait(is_ready: "object") -> None:
    until = time.monotonic() + 60
    while not is_ready():
        if time.monotonic() > until:
            raise SystemExit("The database or the sink did not start.")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False
