"""How much memory and processor a running server has."""

import os
from pathlib import Path

import pytest

TICKS = os.sysconf("SC_CLK_TCK")


def worker_of(port: int) -> int:
    """The one process that answers at this port: the child of the one that listens."""
    if not Path("/proc/net/tcp").exists():
        pytest.skip("only Linux tells the memory of a process this way")
    inode = next(
        fields[9]
        for fields in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
        if int(fields[1].split(":")[1], 16) == port and fields[3] == "0A"
    )
    holders = [int(one.name) for one in Path("/proc").iterdir() if _holds(one, inode)]
    return max(holders, key=_age)


def _holds(process: Path, inode: str) -> bool:
    if not process.name.isdigit():
        return False
    try:
        return any(os.readlink(one) == f"socket:[{inode}]" for one in (process / "fd").iterdir())
    except OSError:
        return False


def _age(pid: int) -> int:
    """The later born, the larger."""
    return int(_stat(pid)[19])


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def memory_of(pid: int) -> float:
    """Megabytes that the process holds now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def most_memory_of(pid: int) -> float:
    """The most megabytes that it ever held."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def forget_most(pid: int) -> None:
    """From now on `most_memory_of` counts anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def processor_of(pid: int) -> float:
    """Milliseconds that the process worked so far."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS * 1000
