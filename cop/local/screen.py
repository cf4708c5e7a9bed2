"""What a person sees in the terminal while the stack comes up."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

SECONDS_BETWEEN_DOTS = 10


class Step:
    """One line: what happens, how far it is, and in the end how long it took."""

    def __init__(self, label: str, out: TextIO) -> None:
        self.label = label
        self.out = out
        self.began = self.last = time.monotonic()
        self.live = out.isatty()
        self._write(f"  {label} …")

    def tick(self, detail: str = "") -> None:
        now = time.monotonic()
        wait = 0.2 if self.live else SECONDS_BETWEEN_DOTS
        if now - self.last < wait:
            return
        self.last = now
        if self.live:
            self._write(f"\r\033[K  {self.label} … {now - self.began:.0f} s  {detail[:60]}")
        else:
            self._write(".")

    def end(self, result: str) -> None:
        start = f"\r\033[K  {self.label} …" if self.live else ""
        self._write(f"{start} {result}\n")

    def _write(self, text: str) -> None:
        # A closed window must not keep us from stopping what we started.
        with contextlib.suppress(OSError):
            self.out.write(text)
            self.out.flush()


@contextlib.contextmanager
def step(label: str, out: TextIO | None = None) -> Iterator[Step]:
    line = Step(label, out or sys.stdout)
    try:
        yield line
    except BaseException:
        line.end("stopped")
        raise
    line.end(f"{time.monotonic() - line.began:.1f} s")


def shown(path: Path) -> str:
    """Short, as seen from where the person is."""
    near = os.path.relpath(path)
    return str(path) if near.startswith("..") else near


def say(text: str = "") -> None:
    with contextlib.suppress(OSError):
        print(text, flush=True)


def welcome(*, url: str, logs: str, seconds: float) -> str:
    return f"""
  Communities of Practice runs on this computer ({seconds:.1f} s).

    Open         {url}/start/
                 One click signs you in as a member, a coordinator or a newcomer.
    Read mail    {url}/mailbox/
                 Every e-mail ends here; none leaves this computer.
    Logs         {logs}/*.log
    Stop         Ctrl-C (your data stay for the next time)
    Start over   make reset
"""
