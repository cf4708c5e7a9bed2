"""Starts the child, gives it a file and little else, and waits no longer than was agreed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CHILD = Path(__file__).parent / "child.py"
MEGABYTE = 1024 * 1024
# What comes back at most: text as JSON, or one picture.
MOST_TEXT, MOST_PICTURE = 4 * MEGABYTE, 8 * MEGABYTE
TOO_SLOW, TOO_BIG, BROKEN = "too slow", "too big", "broken"


@dataclass(frozen=True)
class Reading:
    """`problem`: empty, or a word for why there is no text: locked, broken, too slow, too big."""

    text: str = ""
    pages: int = 0
    problem: str = ""


def read_file(
    path: str, kind: str, *, seconds: float = 20, memory_mb: int = 400, max_chars: int = 200_000
) -> Reading:
    """The text of a file on disk; never raises for what stands in the file.

    `seconds`: of the clock; `memory_mb`: of the child's address space beyond its start.
    """
    order = {"do": "read", "path": path, "kind": kind, "chars": max_chars, "memory_mb": memory_mb}
    answer, problem = _told(order, seconds, MOST_TEXT)
    if problem:
        return Reading(problem=problem)
    try:
        found = json.loads(answer)
        return Reading(str(found["text"]), int(found["pages"]), str(found["problem"]))
    except (ValueError, KeyError, TypeError):
        return Reading(problem=BROKEN)


def draw_page(
    path: str, number: int, *, width: int = 1000, seconds: float = 10, memory_mb: int = 600
) -> bytes | None:
    """A page of a PDF (the first is 1) as JPEG, or nothing if it cannot be drawn."""
    order = {"do": "draw", "path": path, "page": number, "width": width, "memory_mb": memory_mb}
    answer, problem = _told(order, seconds, MOST_PICTURE)
    return answer if not problem and answer.startswith(b"\xff\xd8\xff") else None


def _told(order: dict[str, object], seconds: float, most: int) -> tuple[bytes, str]:
    """What the child wrote, or why it did not."""
    with tempfile.TemporaryDirectory(prefix="reading-") as folder:
        answer = Path(folder) / "answer"
        with answer.open("wb") as out:
            child = subprocess.Popen(
                [sys.executable, "-I", str(CHILD), json.dumps(order | {"seconds": seconds})],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL,
                cwd=folder, env={"LANG": "C.UTF-8"}, start_new_session=True, close_fds=True,
            )  # fmt: skip
            try:
                code = child.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                return b"", TOO_SLOW
            finally:
                _end(child)
        if code == -signal.SIGXCPU:
            return b"", TOO_SLOW
        if code != 0:
            return b"", TOO_BIG if code in {-signal.SIGKILL, -signal.SIGXFSZ, 3} else BROKEN
        if answer.stat().st_size > most:
            return b"", TOO_BIG
        return answer.read_bytes(), ""


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Whatever it started goes with it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
