"""What reading the text inside files costs: 1,000 real ones of each kind in turn, into the search.

    make bench ARGS=extraction         1,000 files
    make bench ARGS="extraction 200"   fewer

Documents a minute of one worker, from the stored file to the index; the most memory the worker has
held beyond its start, and the most that one of its children has held. Goals: 100 a minute; the
worker grows by less than 100 MB.
"""

import os
import random
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench.services import own_services

DOCUMENTS, PAGES, LINES, EVERY_SECONDS = 1_000, 12, 40, 0.01
LEAST_A_MINUTE, MOST_GROWTH_MB = 100, 100
SYLLABLES = [a + b for a in "bcdfghjklmnpqrstvwxyz" for b in "aeiou"]


def main() -> None:
    number = int(sys.argv[2]) if len(sys.argv) > 2 else DOCUMENTS
    with own_services():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        size = _fill(number)
        print(f"{number} files of {PAGES} pages, {size / number / 1024:.0f} KB each")
        missed = _measure(number)
    if missed:
        raise SystemExit(f"beyond the goal: {', '.join(missed)}")


def _measure(number: int) -> list[str]:
    from library.actions.reading import read_waiting_files
    from library.models import Resource

    before, children = _peak_mb(), _Children()
    started = time.perf_counter()
    with children:
        done = read_waiting_files(seconds=3600)
    seconds = time.perf_counter() - started
    read = Resource.objects.filter(text_state="read").count()
    if (done, read) != (number, number):
        raise SystemExit(f"{done} done, {read} read, of {number}")
    rate, growth = number / seconds * 60, _peak_mb() - before
    print(f"{rate:.0f} documents a minute, {seconds / number * 1000:.0f} ms each")
    print(f"worker {before:.0f} MB at first, {growth:.0f} MB more at most")
    print(f"largest child {children.peak_mb:.0f} MB")
    goals = {"a minute": rate >= LEAST_A_MINUTE, "growth": growth < MOST_GROWTH_MB}
    return [name for name, is_met in goals.items() if not is_met]


def _fill(number: int) -> int:
    """Files in storage and rows that wait, past the checks of a sending; returns their bytes."""
    from django.core.files.base import ContentFile

    from cop.demo.documents import WRITERS
    from library.models import Resource
    from members.models import Community

    community = Community.objects.create(slug="bench", name="Bench", short_name="Bench")
    dice, kinds, size = random.Random(6), sorted(WRITERS), 0
    words = ["".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))) for _ in range(20_000)]
    for index in range(number):
        kind = kinds[index % len(kinds)]
        data = WRITERS[kind]([_page(dice, words) for _ in range(PAGES)])
        size += len(data)
        file: Any = ContentFile(data, f"paper-{index}.{kind}")
        Resource.objects.create(
            community=community, kind="tool", title=f"Paper {index}", summary="For the night.",
            file=file, file_name=file.name, file_size=len(data), file_type=kind,
            text_state=Resource.TextState.WAITING,
        )  # fmt: skip
    return size


def _page(dice: random.Random, words: list[str]) -> str:
    return "\n".join(" ".join(dice.choices(words, k=10)) for _ in range(LINES))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class _Children(threading.Thread):
    """Looks at the children of this process while it works. What the system counts for a child
    that has ended holds the memory of its parent from before it became another program."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb, self.is_over = 0.0, threading.Event()
        self.list = Path(f"/proc/self/task/{os.getpid()}/children")

    def run(self) -> None:
        while not self.is_over.wait(EVERY_SECONDS):
            for number in self.list.read_text().split():
                self._look(Path("/proc") / number)

    def _look(self, place: Path) -> None:
        try:
            if b"extraction/child.py" not in (place / "cmdline").read_bytes():
                return
            lines = (place / "status").read_text().splitlines()
        except OSError:
            return
        held = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")]
        self.peak_mb = max([self.peak_mb, *held])

    def __enter__(self) -> "_Children":
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.is_over.set()
        self.join()
