"""The virtual environment and the locked packages. Standard library only, run by any Python."""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cop.local.places import ROOT, Places
from cop.local.processes import last_lines, rotate
from cop.local.screen import Step, say, shown, step
from cop.local.system import LocalError

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
LOCAL = "requirements-local.txt"
DEV = "requirements-dev.txt"
# The second holds everything of the first, in the same versions: see `make lock`.
INCLUDES = {LOCAL: [LOCAL], DEV: [DEV, LOCAL]}


def ensure(requirements: str, places: Places) -> None:
    """Make .venv hold exactly these packages. Does nothing when it does already."""
    places.make()
    with _one_at_a_time(places):
        if not _venv_works():
            _make_venv(places)
        if _installed().get(requirements) != _digest(requirements):
            _install(requirements, places)


def _venv_works() -> bool:
    wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
    probe = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.stdout.strip() == wanted


def _make_venv(places: Places) -> None:
    number = f"{sys.version_info.major}.{sys.version_info.minor}"
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise LocalError(
            f"Python {number} is here, but its venv part is missing. On Debian or Ubuntu: "
            f"sudo apt install python3-venv (or python{number}-venv)"
        )
    # From inside a virtual environment, a new one is made by the Python behind it.
    python = getattr(sys, "_base_executable", "") or sys.executable
    command = [python, "-m", "venv", "--clear", str(VENV)]
    with step(f"Making a virtual environment with Python {number}") as line:
        _run(command, places.log / "setup.log", line)


def _install(requirements: str, places: Places) -> None:
    STAMP.unlink(missing_ok=True)
    total = len(re.findall(r"^[\w.\[\]-]+==", (ROOT / requirements).read_text(), re.MULTILINE))
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", requirements]
    with step("Installing the packages (this takes a minute the first time)") as line:
        _run(command, places.log / "setup.log", line, total=total)
    _make_importable()
    # Only what was installed last is sure to be as its file says.
    digests = {name: _digest(name) for name in INCLUDES[requirements]}
    STAMP.write_text(json.dumps(digests))


def _run(command: list[str], log: Path, line: Step, *, total: int = 0) -> None:
    rotate(log)
    seen = 0
    with log.open("a") as file:
        running = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for text in running.stdout or ():
            file.write(text)
            file.flush()
            seen += text.startswith("Collecting ")
            placing = text.startswith("Installing collected")
            line.tick("putting them in place" if placing else f"{seen} of {total}" * bool(total))
    if running.wait() != 0:
        raise LocalError(f"That did not work. Log: {shown(log)}\n{last_lines(log)}")


def _make_importable() -> None:
    """So that `pytest` finds our own modules, from whatever folder it is started."""
    for folder in (VENV / "lib").glob("python3.*/site-packages"):
        (folder / "cop-checkout.pth").write_text(f"{ROOT}\n")


def _installed() -> dict[str, str]:
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def _digest(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


@contextlib.contextmanager
def _one_at_a_time(places: Places) -> Iterator[None]:
    """`make run` and `make test` may be started together in a fresh clone."""
    with open(places.var / "setup.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  Waiting for the set-up that runs in another window …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def venv_python() -> str:
    return os.fspath(PYTHON)
