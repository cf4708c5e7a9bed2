"""What is not queued yet and will be: a line of the board of outgoing mail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Planned:
    """Mail to come. `prefix`: how its keys will begin, so that staff can hold it beforehand.

    Without `first_at` it leaves when a person sends it, on the day of `on`. `at_most`: only those
    who have something new to read get it.
    """

    scope: str
    prefix: str
    kind: str
    on: datetime
    first_at: datetime | None = None
    last_at: datetime | None = None
    count: int = 0
    at_most: bool = False
    about: Any = None
