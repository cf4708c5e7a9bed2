"""When a process that ended is started again: soon at first, then less and less often."""

import time
from dataclasses import dataclass, field

from cop.local.processes import Child
from cop.local.screen import shown

LONGEST_WAIT = 30.0
# Whoever ran this long is healthy: the next end counts as the first.
HEALTHY_AFTER = 60.0
NOTICES = 5


@dataclass
class _Record:
    failures: int = 0
    due: float = 0.0
    seen: set[int] = field(default_factory=set)


class Restarts:
    def __init__(self) -> None:
        self.records: dict[str, _Record] = {}

    def ended(self, child: Child) -> str:
        """Note that it ended. Returns a line for the person, once for each time."""
        record = self.records.setdefault(child.name, _Record())
        if child.popen.pid in record.seen:
            return ""
        record.seen.add(child.popen.pid)
        record.failures = 1 if child.age > HEALTHY_AFTER else record.failures + 1
        wait = min(LONGEST_WAIT, 0.5 * 2 ** (record.failures - 1))
        record.due = time.monotonic() + wait
        if record.failures > NOTICES:
            return ""
        last = " It keeps ending; we keep trying." if record.failures == NOTICES else ""
        return (
            f"  {child.name} ended ({child.popen.returncode}); starting it again in {wait:g} s. "
            f"Log: {shown(child.program.log)}{last}"
        )

    def is_due(self, name: str) -> bool:
        return time.monotonic() >= self.records[name].due

    def tried(self, name: str) -> None:
        """Should the start itself have failed, the next try waits as well."""
        self.records[name].due = time.monotonic() + LONGEST_WAIT
