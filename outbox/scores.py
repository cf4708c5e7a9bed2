"""How an address has been bouncing. The score is a bucket that leaks (N6).

A bounce leaks away over a whole period, so that more than two in the bucket of soft ones says:
three within 30 days; more than one in that of hard ones: two within 90 days. A mail that nobody
asked for personally weighs two and so suspends at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

SOFT_PERIOD, HARD_PERIOD = timedelta(days=30), timedelta(days=90)
SOFT_LIMIT, HARD_LIMIT = 2.0, 1.0
BULK_WEIGHT, OWN_WEIGHT = 2.0, 1.0


@dataclass(frozen=True)
class Score:
    """What is in the two buckets at one moment."""

    soft: float
    hard: float
    at: datetime

    def plus(self, *, soft: float = 0, hard: float = 0, at: datetime) -> "Score":
        """One more bounce, which may have happened before the moment of the score."""
        end = max(self.at, at)
        own, new = end - self.at, end - at
        return Score(
            soft=_left(self.soft, own, SOFT_PERIOD) + _left(soft, new, SOFT_PERIOD),
            hard=_left(self.hard, own, HARD_PERIOD) + _left(hard, new, HARD_PERIOD),
            at=end,
        )

    @property
    def is_too_much(self) -> bool:
        return self.soft > SOFT_LIMIT or self.hard > HARD_LIMIT


def _left(amount: float, waited: timedelta, period: timedelta) -> float:
    return max(0.0, amount - waited / period)
