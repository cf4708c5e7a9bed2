"""One process of the local stack: how it starts, when it is ready, how it ends."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cop.local.system import die_with_parent, identity

ROTATE_AT = 5 * 1024 * 1024


@dataclass
class Program:
    name: str
    command: list[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    prepare: Callable[[], None] = lambda: None
    is_ready: Callable[[int], bool] = lambda pid: True
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10
    # Extra arguments of Popen; PostgreSQL uses them to drop the rights of root.
    rights: Callable[[Callable[[], None] | None], dict[str, Any]] = lambda then: {
        "preexec_fn": then
    }


class Child:
    """A started program, in a process group of its own: Ctrl-C reaches the supervisor only."""

    def __init__(self, program: Program) -> None:
        self.program = program
        program.prepare()
        self.started = time.monotonic()
        rotate(program.log)
        with program.log.open("ab") as log:
            self.popen = subprocess.Popen(
                program.command,
                cwd=program.cwd,
                env={**os.environ, **program.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **program.rights(die_with_parent(program.stop_signal)),
            )
        self.identity = identity(self.popen.pid)

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def is_running(self) -> bool:
        return self.popen.poll() is None

    @property
    def is_ready(self) -> bool:
        return self.is_running and self.program.is_ready(self.popen.pid)

    @property
    def age(self) -> float:
        return time.monotonic() - self.started

    def ask_to_stop(self) -> None:
        if self.is_running:
            self.popen.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        """With its own children: they share its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


def stop_together(children: Iterable[Child]) -> None:
    """Ask all at once, wait for each as long as it may take, then end what is left."""
    children = list(children)
    for child in children:
        child.ask_to_stop()
    began = time.monotonic()
    for child in children:
        left = child.program.stop_seconds - (time.monotonic() - began)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.popen.wait(timeout=max(left, 0.1))
        child.kill()


def remember(children: Iterable[Child], path: Path) -> None:
    """Note who runs, so that the next start can clear away what a killed supervisor left."""
    rows = [
        {"name": c.name, "pid": c.popen.pid, "identity": c.identity, "stop": c.program.stop_signal}
        for c in children
        if c.is_running
    ]
    write_atomically(path, json.dumps(rows))


def clear_leftovers(path: Path, *, seconds: float = 15) -> list[str]:
    """End the processes of a supervisor that died. Returns their names. Safe to run any time."""
    try:
        rows = json.loads(path.read_text())
    except (OSError, ValueError):
        return []
    alive = [row for row in rows if row["identity"] and identity(row["pid"]) == row["identity"]]
    names = [row["name"] for row in alive]
    for row in alive:
        _signal(row["pid"], row["stop"])
    deadline = time.monotonic() + seconds
    while alive and time.monotonic() < deadline:
        time.sleep(0.05)
        alive = [row for row in alive if identity(row["pid"]) == row["identity"]]
    for row in alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(row["pid"], signal.SIGKILL)
    path.unlink(missing_ok=True)
    return names


def rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > ROTATE_AT:
        log.replace(log.with_suffix(".log.1"))


def last_lines(log: Path, count: int = 15) -> str:
    try:
        text = log.read_bytes()[-20_000:].decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-count:])


def write_atomically(path: Path, text: str, *, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    temporary.replace(path)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
