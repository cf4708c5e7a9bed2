"""SQL statements of a visit, and its CPU against the first page of the same run."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

ROUNDS = 30
GOAL = 3.0


@dataclass(frozen=True)
class Cost:
    queries: int
    cpu: float
    database: float


def measure(visit: Callable[[], None]) -> Cost:
    """Statements of one visit, and the medians of thirty in milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    visit()
    with CaptureQueriesContext(connection) as captured:
        visit()
    # Now: the next request empties the log.
    queries = len(captured)
    database = sum(float(one["time"]) for one in captured.captured_queries) * 1000
    cpu = []
    for _ in range(ROUNDS):
        started = time.process_time()
        visit()
        cpu.append((time.process_time() - started) * 1000)
    return Cost(queries, median(cpu), database)


def print_rows(pages: Iterable[tuple[str, Callable[[], None]]]) -> list[str]:
    """A line for each page; returns the names of those beyond the goal."""
    print(f"{'page':38} {'SQL':>4} {'CPU ms':>8} {'x bare':>7} {'DB ms':>7}")
    over, bare = [], 0.0
    for name, visit in pages:
        cost = measure(visit)
        bare = bare or cost.cpu
        ratio = cost.cpu / bare
        print(f"{name:38} {cost.queries:4d} {cost.cpu:8.1f} {ratio:7.1f} {cost.database:7.0f}")
        if ratio > GOAL:
            over.append(name)
    return over
