"""Valkey: its address for each use, and the memory that it was away. Knows nothing of Django."""

import time


def redis_database(url: str, number: int) -> str:
    """The address of one numbered database (TCP or unix socket)."""
    if url.startswith("unix://"):
        return f"{url}?db={number}"
    return f"{url.rstrip('/')}/{number}"


def broker_url(url: str) -> str:
    """The same, in the words of Celery."""
    address = redis_database(url, 0)
    return address.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")


class Circuit:
    """Whoever waited for nothing tells the others: for half a minute nobody asks again.

    After that one caller finds out for all. Without this, a frozen Valkey costs every visitor
    the full timeout, several times a page (F6).
    """

    SECONDS = 30.0
    # As long as one caller may take to find out.
    TRIAL = 2.0

    def __init__(self) -> None:
        self._away = False
        self._until = 0.0

    def is_broken(self) -> bool:
        if not self._away:
            return False
        now = time.monotonic()
        if now < self._until:
            return True
        self._until = now + self.TRIAL
        return False

    def failed(self) -> None:
        self._away, self._until = True, time.monotonic() + self.SECONDS

    def worked(self) -> None:
        self._away = False


# One for each process: the cache and the nudge talk to the same server.
valkey = Circuit()
