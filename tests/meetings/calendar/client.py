"""A calendar program in memory, by the rules of RFC 5546: what a recipient's looks like at the end.

It reads with vobject, so that no mistake of the library that writes our files hides in them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import vobject


@dataclass(frozen=True)
class Told:
    """One mail, as far as a calendar heeds it."""

    method: str
    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    end: datetime
    summary: str
    location: str

    @classmethod
    def read(cls, text: str) -> "Told":
        calendar: Any = vobject.readOne(text)
        event = calendar.vevent
        return cls(
            method=calendar.method.value, uid=event.uid.value, sequence=int(event.sequence.value),
            stamp=event.dtstamp.value, start=event.dtstart.value, end=event.dtend.value,
            summary=event.summary.value, location=event.location.value,
        )  # fmt: skip


@dataclass
class MemoryCalendar:
    """`heeds_sequence=False`: the control, a program that believes whatever came last."""

    heeds_sequence: bool = True
    entries: dict[str, Told] = field(default_factory=dict)

    def receive(self, told: Told) -> None:
        """REQUEST and CANCEL alike: only what is newer by SEQUENCE, then by DTSTAMP (2.1.5)."""
        known = self.entries.get(told.uid)
        is_stale = known and (told.sequence, told.stamp) <= (known.sequence, known.stamp)
        if is_stale and self.heeds_sequence:
            return
        # What was called off is remembered: an older mail that comes late opens it no more.
        self.entries[told.uid] = told

    def shows(self) -> list[tuple[str, datetime, datetime, str]]:
        """What its owner sees."""
        return [
            (one.uid, one.start, one.end, one.summary)
            for one in self.entries.values()
            if one.method != "CANCEL"
        ]
