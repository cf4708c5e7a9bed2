"""Waiting for what must come."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 120.0


def wait_until(
    is_so: Callable[[], Any], seconds: float = PATIENCE, what: str = "", *, every: float = 0.05
) -> float:
    """Until it is so; returns the seconds it took. Fails when it never is."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not so after {seconds:.0f} s: {what or is_so}")
        time.sleep(every)
    return time.monotonic() - began
