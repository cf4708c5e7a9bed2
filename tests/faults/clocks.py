"""Wall clocks worked out by hand, so that the tests of time do not ask what they test."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# Winter's offset from UTC, and whether the clocks are changed.
ZONES = {
    "America/Edmonton": (-6 * HOUR, False),
    "America/Vancouver": (-7 * HOUR, False),
    "America/Dawson_Creek": (-7 * HOUR, False),
    "America/Los_Angeles": (-8 * HOUR, True),
    "America/Toronto": (-5 * HOUR, True),
    "America/St_Johns": (-3.5 * HOUR, True),
}
# By wall clock: at two in the morning, from the first to the second it is summer time.
SUMMERS = [
    (datetime(2026, 3, 8, 2), datetime(2026, 11, 1, 2)),
    (datetime(2027, 3, 14, 2), datetime(2027, 11, 7, 2)),
    (datetime(2028, 3, 12, 2), datetime(2028, 11, 5, 2)),
]


def offset_by_hand(moment: datetime, zone: str) -> timedelta:
    winter, changes = ZONES[zone]
    if changes:
        naive = moment.replace(tzinfo=None)
        for begins, ends in SUMMERS:
            # Two o'clock of winter time, and two o'clock of summer time.
            if begins - winter <= naive < ends - winter - HOUR:
                return winter + HOUR
    return winter


def quiet_by_hand(moment: datetime, zone: str) -> bool:
    return not 7 <= (moment + offset_by_hand(moment, zone)).hour < 20


def day_before_by_hand(starts_at: datetime, zone: str) -> datetime:
    """24 hours before, and from there back to the last minute before eight in the evening."""
    moment = starts_at - 24 * HOUR
    while quiet_by_hand(moment, zone):
        moment -= MINUTE
        if not quiet_by_hand(moment, zone):
            moment = moment.replace(second=0)
    return moment.astimezone(UTC)


@dataclass
class Plan:
    """One person and one meeting of a simulation, and what was sent when."""

    zone: str
    starts_at: datetime
    sent: list[tuple[str, datetime]] = field(default_factory=list)

    def knows(self, kind: str) -> bool:
        return any(name == kind for name, _at in self.sent)

    def send(self, kind: str, at: datetime) -> None:
        self.sent.append((kind, at))
