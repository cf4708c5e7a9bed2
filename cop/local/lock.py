"""One supervisor for each checkout, and where to find it."""

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator

from cop.local.places import Places
from cop.local.processes import clear_leftovers, write_atomically
from cop.local.system import LocalError, check_port, identity

SECONDS_TO_STOP = 60
SECONDS_FOR_ORPHANS = 10


class AlreadyRunning(LocalError):
    pass


@contextlib.contextmanager
def only_one(places: Places, url: str) -> Iterator[None]:
    """The kernel drops the lock the instant we die, however we die."""
    places.make()
    with places.lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(running_message(places)) from error
        write_atomically(places.state, json.dumps({"pid": os.getpid(), "url": url}))
        try:
            yield
        finally:
            places.state.unlink(missing_ok=True)


def clear_the_way(places: Places, port: int) -> list[str]:
    """End what a killed supervisor left, and be sure of the port. Returns the ended ones."""
    was_killed = places.children.exists()
    left = clear_leftovers(places.children)
    # The web server's own children notice the death of their parent within a second or two.
    check_port(port, patience=SECONDS_FOR_ORPHANS if was_killed else 0)
    return left


def is_running(places: Places) -> bool:
    if not places.lock.exists():
        return False
    with places.lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def running_message(places: Places) -> str:
    url = _state(places).get("url", "http://localhost:8000")
    return (
        f"It is already running: {url}/start/ (Ctrl-C in its window stops it; "
        "stop it first to change the port)."
    )


def stop_running(places: Places) -> bool:
    """End the supervisor of this checkout and wait for it. False when there is none."""
    pid = _state(places).get("pid", 0)
    if not is_running(places) or not pid:
        return False
    known = identity(pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    while known and identity(pid) == known:
        if time.monotonic() > deadline:
            raise LocalError(f"Process {pid} does not end. Its logs are in {places.log}.")
        time.sleep(0.1)
    return True


def _state(places: Places) -> dict:
    try:
        return json.loads(places.state.read_text())
    except (OSError, ValueError):
        return {}
