"""What things cost, as ratios of one run; absolute figures move with the machine.

make bench                 pages: SQL statements, and CPU of this process against a bare page
                           (on the data of a running `make run`)
make bench ARGS=mail       sending, queueing, claiming (brings its own database and mail sink)
make bench ARGS=import     lists of people and organizations (brings its own database)
"""

import os
import sys
import time
from collections.abc import Callable
from statistics import median

import django

ROUNDS = 30


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.settings")
    if sys.argv[1:] == ["mail"]:
        from bench.mail import main as measure_mail

        measure_mail()
        return
    if sys.argv[1:] == ["import"]:
        from bench.imports import main as measure_imports

        measure_imports()
        return
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
