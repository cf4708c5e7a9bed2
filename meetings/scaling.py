"""Fitting an agenda to a time: only flexible steps give way, and never by more than half (F2)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """One step: its whole minutes in the format, and whether it can be stretched."""

    minutes: int
    is_flexible: bool


class CannotScale(ValueError):
    """`shortest` and `longest` (None: no limit) are what these steps can fill, in minutes."""

    def __init__(self, shortest: int, longest: int | None) -> None:
        super().__init__(f"{shortest} to {longest or 'any'} minutes")
        self.shortest, self.longest = shortest, longest


def bounds(steps: Sequence[Stretch]) -> tuple[int, int | None]:
    """The shortest and the longest time in minutes; None where nothing limits it."""
    fixed = sum(step.minutes for step in steps if not step.is_flexible)
    flexible = [step.minutes for step in steps if step.is_flexible]
    shortest = fixed + sum(_half(minutes) for minutes in flexible)
    return shortest, None if flexible else fixed


def scale(steps: Sequence[Stretch], wanted: int) -> list[int]:
    """Minutes of each step so that all of them make `wanted`. Raises CannotScale.

    Each flexible step keeps its share of the time; what rounding leaves over goes to the steps
    that lost most by it.
    """
    shortest, longest = bounds(steps)
    if wanted < shortest or (longest is not None and wanted != longest):
        raise CannotScale(shortest, longest)
    flexible = [at for at, step in enumerate(steps) if step.is_flexible]
    result = [step.minutes for step in steps]
    room = wanted - sum(step.minutes for step in steps if not step.is_flexible)
    whole = sum(steps[at].minutes for at in flexible)
    exact = {at: steps[at].minutes * room / whole for at in flexible} if whole else {}
    for at in flexible:
        result[at] = max(int(exact[at]), _half(steps[at].minutes))
    _hand_out(result, flexible, exact, [_half(step.minutes) for step in steps], wanted)
    return result


def _hand_out(
    result: list[int],
    flexible: list[int],
    exact: dict[int, float],
    least: list[int],
    wanted: int,
) -> None:
    """One minute at a time, to or from whoever is furthest from the exact share."""
    while (left := wanted - sum(result)) != 0:
        if left > 0:
            at = max(flexible, key=lambda one: (exact[one] - result[one], -one))
            result[at] += 1
        else:
            able = [one for one in flexible if result[one] > least[one]]
            at = max(able, key=lambda one: (result[one] - exact[one], -one))
            result[at] -= 1


def _half(minutes: int) -> int:
    """Never under half of it, and never under a minute."""
    return max(-(-minutes // 2), 1)
