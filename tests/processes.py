"""What other processes of this computer do, from outside. Linux."""

from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The processes that any thread of `pid` has started and that have not been taken leave of."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(number) for thread in threads for number in thread.read_text().split()]
