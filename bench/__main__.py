"""What a page costs: SQL statements, and CPU of this process against the bare page of one run.

    make bench          (on the data of a running `make run`)

Prints one line a page. Ratios of one run hold; absolute figures move with the machine.
"""

import os
import time
from collections.abc import Callable
from statistics import median

import django

ROUNDS = 30


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.settings")
    django.setup()
    from bench.pages import pages

    rows = [(name, *measure(visit)) for name, visit in pages()]
    bare = rows[0][2]
    print(f"{'page':38} {'SQL':>4} {'CPU ms':>8} {'x bare':>7}")
    for name, queries, cpu in rows:
        print(f"{name:38} {queries:4d} {cpu:8.1f} {cpu / bare:7.1f}")


def measure(visit: Callable[[], None]) -> tuple[int, float]:
    """SQL statements of one visit, and the median CPU milliseconds of thirty."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    visit()
    with CaptureQueriesContext(connection) as captured:
        visit()
    queries = len(captured)  # now: the next request empties the log
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        visit()
        times.append((time.process_time() - started) * 1000)
    return queries, median(times)


main()
