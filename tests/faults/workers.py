"""Processes that can be killed: the nursery that forks them, and the workers themselves."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cop.local.places import ROOT
from cop.local.processes import last_lines
from cop.local.system import die_with_parent
from tests.faults.waiting import wait_until


class Nursery:
    """Forks processes that have the site loaded already (tests/faults/nursery.py)."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.answers, self.exits = folder, {}, {}
        self.number, self.is_ready = 0, False
        log = (folder / "nursery.log").open("ab")
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            preexec_fn=die_with_parent(signal.SIGKILL),
            start_new_session=True,
        )
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        for line in self.popen.stdout or ():
            message = json.loads(line)
            if "exit" in message:
                self.exits[message["exit"]] = message["code"]
            elif "id" in message:
                self.answers[message["id"]] = message["pid"]
            else:
                self.is_ready = True

    def fork(self, **order: Any) -> int:
        wait_until(lambda: self.is_ready or self.popen.poll() is not None, what="a nursery")
        assert self.is_ready, last_lines(self.folder / "nursery.log")
        self.number += 1
        number = self.number
        self.popen.stdin.write(json.dumps({"id": number, **order}).encode() + b"\n")
        self.popen.stdin.flush()
        while number not in self.answers:
            time.sleep(0.002)
            assert self.popen.poll() is None, last_lines(self.folder / "nursery.log")
        return self.answers[number]

    def close(self) -> None:
        self.popen.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(5)
        self.popen.kill()
        self.popen.wait()
        self.thread.join(5)


@dataclass
class Worker:
    """A worker of the site. `name` is also what PostgreSQL knows it by."""

    name: str
    pid: int
    nursery: Nursery
    started: float = field(default_factory=time.monotonic)

    @property
    def has_ended(self) -> bool:
        return self.pid in self.nursery.exits

    @property
    def exit_code(self) -> int | None:
        return self.nursery.exits.get(self.pid)

    def signal(self, number: int) -> None:
        if not self.has_ended:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        wait_until(lambda: self.has_ended, 10, "a killed worker ends")

    def terminate(self, seconds: float) -> float:
        self.signal(signal.SIGTERM)
        return wait_until(lambda: self.has_ended, seconds, "a worker ends when asked to")
