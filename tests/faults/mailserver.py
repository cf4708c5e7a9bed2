"""The mail server of a fault test, seen from the test, and what it took."""

import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cop.local.places import ROOT
from cop.local.system import die_with_parent, free_port
from tests.faults.waiting import wait_until


@dataclass(frozen=True)
class Mail:
    """One line of the log of the mail server."""

    at: float
    what: str
    message_id: str
    recipient: str


@dataclass(frozen=True)
class Count:
    total: int
    unique: int
    recipients: int

    @property
    def duplicates(self) -> int:
        return self.total - self.unique

    def lost(self, expected: int) -> int:
        return expected - self.unique


class Sink:
    """The mail server (tests/faults/sink.py)."""

    def __init__(self, folder: Path, **options: float) -> None:
        self.port, self.log = free_port(), folder / f"sink-{time.monotonic_ns()}.tsv"
        self.log.touch()
        self.noted: list[Mail] = []
        self.read = 0
        command = [
            sys.executable,
            "-m",
            "tests.faults.sink",
            "--port",
            str(self.port),
            "--log",
            str(self.log),
        ]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        self.popen = subprocess.Popen(
            command, cwd=ROOT, preexec_fn=die_with_parent(signal.SIGKILL), start_new_session=True
        )
        wait_until(lambda: _listens(self.port), what="the mail server listens")

    def down(self) -> None:
        self.popen.send_signal(signal.SIGUSR1)
        wait_until(lambda: not _listens(self.port), what="the mail server is down")

    def up(self) -> None:
        self.popen.send_signal(signal.SIGUSR2)
        wait_until(lambda: _listens(self.port), what="the mail server is up")

    def lines(self) -> list[Mail]:
        """All that was noted; what was read before is not read again."""
        with self.log.open("rb") as file:
            file.seek(self.read)
            whole = file.read().rpartition(b"\n")[0]
        self.read += len(whole) + bool(whole)
        for line in whole.decode().splitlines():
            at, what, number, to = line.split("\t")
            self.noted.append(Mail(float(at), what, number, to))
        return self.noted

    def taken(self, part: str = "") -> list[Mail]:
        return [one for one in self.lines() if one.what == "taken" and part in one.recipient]

    def count(self, part: str = "") -> Count:
        mails = self.taken(part)
        numbers = {one.message_id for one in mails}
        return Count(len(mails), len(numbers), len({one.recipient for one in mails}))

    def close(self) -> None:
        self.popen.kill()
        self.popen.wait()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
