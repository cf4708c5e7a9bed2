"""Feedback in numbers, once there is enough of it that nobody can be made out (FB1)."""

from collections import Counter
from dataclasses import dataclass
from random import Random

from meetings.models import Attendance, Feedback, Meeting

SMALLEST = 5
# Below this mean of “I felt safe to speak”, somebody should look into it (FB2).
SAFE_ENOUGH = 3.5


@dataclass(frozen=True)
class Scale:
    """One question of 1 to 5: how many said which, and the mean; None where nobody answered."""

    counts: list[tuple[int, int]]
    answered: int
    mean: float | None

    @property
    def most(self) -> int:
        return max((count for _step, count in self.counts), default=0) or 1


@dataclass(frozen=True)
class Results:
    """`shown` is false while fewer answered than protects them: then only `flagged` is there."""

    given: int
    asked: int
    smallest: int
    shown: bool
    worth: Scale
    felt_safe: Scale
    will_use: list[tuple[str, int]]
    use_what: list[str]
    change: list[str]
    flagged: list[Feedback]

    @property
    def is_unsafe(self) -> bool:
        return self.shown and self.felt_safe.mean is not None and self.felt_safe.mean < SAFE_ENOUGH


def feedback_of(meeting: Meeting) -> Results:
    """Two queries. Texts come in no order of theirs, so that none belongs to another."""
    rows = list(meeting.feedback.order_by("pk"))
    asked = meeting.attendances.filter(state__in=Attendance.WAS_THERE).count()
    smallest = max(SMALLEST, meeting.community.anonymity_min_n)
    shown = len(rows) >= smallest
    uses = Counter(row.will_use for row in rows if row.will_use)
    return Results(
        given=len(rows),
        asked=asked,
        smallest=smallest,
        shown=shown,
        worth=_scale([row.worth for row in rows]),
        felt_safe=_scale([row.felt_safe for row in rows]),
        will_use=[(str(use.label), uses[use.value]) for use in Feedback.Use],
        use_what=_mixed([row.use_what for row in rows], meeting.pk) if shown else [],
        change=_mixed([row.change for row in rows], meeting.pk + 1) if shown else [],
        flagged=[row for row in rows if row.is_flagged and not row.is_followed_up],
    )


def _scale(values: list[int | None]) -> Scale:
    said = [value for value in values if value]
    counts = Counter(said)
    mean = sum(said) / len(said) if said else None
    return Scale([(step, counts[step]) for step in range(1, 6)], len(said), mean)


def _mixed(texts: list[str], seed: int) -> list[str]:
    """The same each time the page is opened, and in no order that tells anything."""
    said = sorted(text for text in texts if text)
    Random(seed).shuffle(said)  # noqa: S311  no secret
    return said
