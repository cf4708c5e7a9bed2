"""The child: runs alone, without the site and its settings, inside limits it sets on itself.

    python -I child.py '{"do": "read", "path": …, "kind": "pdf", …}'

Writes JSON (read) or a JPEG (draw) to its output. Ends with 3 where the memory was not enough.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

MEGABYTE = 1024 * 1024
MOST_WRITTEN = 16 * MEGABYTE


def limit(memory_mb: int, seconds: float) -> None:
    """Of this process and all it starts. Address space: what Python holds already is on top."""
    held = 0
    if _has_proc():
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    rules = {
        resource.RLIMIT_AS: held + memory_mb * MEGABYTE,
        resource.RLIMIT_CPU: int(seconds) + 1,
        resource.RLIMIT_FSIZE: MOST_WRITTEN,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for rule, wanted in rules.items():
        hard = resource.getrlimit(rule)[1]
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        try:
            resource.setrlimit(rule, (wanted, wanted))
        except (OSError, ValueError):
            # macOS knows no limit of address space; the clock of the parent holds all the same.
            continue


def _has_proc() -> bool:
    return Path("/proc/self/statm").exists()


def main(order: dict[str, Any]) -> int:
    from library.extraction import kinds

    limit(order["memory_mb"], order["seconds"])
    try:
        if order["do"] == "draw":
            answer = kinds.draw(order["path"], order["page"], order["width"])
        else:
            answer = json.dumps(kinds.read(order["path"], order["kind"], order["chars"])).encode()
    except MemoryError:
        return 3
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
