"""What differs between Linux and macOS, and between root and everybody else."""

import contextlib
import ctypes
import functools
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

IS_LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


class LocalError(Exception):
    """Something a person can put right. The text is one clear sentence."""


def die_with_parent(number: int) -> Callable[[], None] | None:
    """For `preexec_fn`: a supervisor that is killed takes its processes along (Linux only).

    Start processes from the main thread: the kernel watches the thread, not the process.
    """
    if not IS_LINUX:
        return None
    prctl = _libc().prctl
    parent = os.getpid()

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def without_root(then: Callable[[], None] | None = None) -> dict[str, Any]:
    """Arguments of Popen for PostgreSQL, which refuses to run as root.

    On Linux it gets a user namespace of its own, in which root is called otherwise: the files
    stay root's, and no account is touched. Where namespaces are refused it runs as `nobody`.
    """
    if os.getuid() != 0:
        return {"preexec_fn": then}
    if has_namespaces():
        return {"preexec_fn": functools.partial(_enter_namespace, _plain_user(), then)}
    account = pwd.getpwnam("nobody")
    rights = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return {"preexec_fn": then, **rights}


def give_away(folder: Path) -> None:
    """To the account that runs PostgreSQL. Only for root is that another one, or was once."""
    if os.getuid() != 0:
        return
    account = pwd.getpwuid(0) if has_namespaces() else pwd.getpwnam("nobody")
    if folder.stat().st_uid != account.pw_uid:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    if account.pw_uid == 0:
        return
    folder.parent.chmod(folder.parent.stat().st_mode | 0o011)
    closed = [path for path in folder.absolute().parents if not path.stat().st_mode & 0o001]
    if closed:
        raise LocalError(
            f"PostgreSQL does not run as root, and another account cannot enter {closed[0]}. "
            "Run this as an ordinary user, or move the checkout out of that folder."
        )


@functools.cache
def has_namespaces() -> bool:
    if not IS_LINUX or os.environ.get("COP_NO_USERNS"):
        return False
    try:
        enter = functools.partial(_enter_namespace, _plain_user(), None)
        subprocess.run(["true"], preexec_fn=enter, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def identity(pid: int) -> str:
    """Tells a process from a later one with the same number. Empty: there is none."""
    if IS_LINUX:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return ""
        # The name stands in parentheses and may hold anything, so count from its end.
        state, *rest = stat.rpartition(")")[2].split()
        return "" if state in "ZX" else rest[18]
    listed = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(listed, capture_output=True, text=True, check=False).stdout.strip()


def exists(pid: int) -> bool:
    """Whether the number is taken, be it by a process that has ended and waits for its parent."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def is_postgres_of(pid: int, data: Path) -> bool:
    """Whether that process is a PostgreSQL server on this very data folder."""
    if IS_LINUX:
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            return name == "postgres" and Path(f"/proc/{pid}/cwd").resolve() == data.resolve()
        except OSError:
            return False
    listed = ["ps", "-o", "command=", "-p", str(pid)]
    found = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    return "postgres" in found and str(data) in found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_port(port: int, *, patience: float = 0) -> None:
    """Say so before anything slow when the web server could not listen there."""
    if not 0 < port < 65536:
        raise LocalError(f"{port} is not a port. Try: make run PORT=8001")
    deadline = time.monotonic() + patience
    while _is_taken(port):
        if time.monotonic() >= deadline:
            other = port + 1 if port < 65535 else 8000
            raise LocalError(f"Port {port} is in use. Try: make run PORT={other}")
        time.sleep(0.1)


def _is_taken(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except PermissionError as error:
        raise LocalError(f"Port {port} is for root only. Try: make run PORT=8001") from error
    except OSError:
        return True
    return False


def owners() -> set[int]:
    """Whose folders are ours. Root may have given one to the account that runs PostgreSQL."""
    return {os.getuid()} if os.getuid() else {0, pwd.getpwnam("nobody").pw_uid}


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _plain_user() -> int:
    # initdb looks its user up, so the number must be one that /etc/passwd knows.
    special = {0, 65534}
    return next(one.pw_uid for one in pwd.getpwall() if one.pw_uid not in special)


def _enter_namespace(uid: int, then: Callable[[], None] | None) -> None:
    """Runs between fork and exec: root outside is `uid` inside, and nothing else exists."""
    if _libc().unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} 0 1"),
        ("gid_map", f"{uid} 0 1"),
    ):
        Path("/proc/self", name).write_text(text)
    if then is not None:
        then()
