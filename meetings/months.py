"""One month as a grid of days. Days are those of the reader's wall clock, never of the database."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.utils import formats

from meetings.lines import Line


@dataclass(frozen=True)
class Day:
    day: date
    is_outside: bool
    is_today: bool
    meetings: list[Line] = field(default_factory=list)

    @property
    def inside(self) -> list[Line]:
        return [] if self.is_outside else self.meetings


def weeks_of(year: int, month: int) -> list[list[date]]:
    first_weekday = (formats.get_format("FIRST_DAY_OF_WEEK") - 1) % 7
    return Calendar(first_weekday).monthdatescalendar(year, month)


def bounds(weeks: list[list[date]]) -> tuple[datetime, datetime]:
    """UTC instants that surely hold all these days in every zone of the world."""
    start = datetime.combine(weeks[0][0], time(), tzinfo=UTC)
    end = datetime.combine(weeks[-1][-1], time(), tzinfo=UTC)
    return start - timedelta(days=1), end + timedelta(days=2)


def fill(
    weeks: list[list[date]], month: int, lines: Iterable[Line], today: date
) -> list[list[Day]]:
    by_day: dict[date, list[Line]] = defaultdict(list)
    for line in lines:
        by_day[line.day].append(line)
    return [
        [Day(day, day.month != month, day == today, by_day[day]) for day in week] for week in weeks
    ]


def neighbours(year: int, month: int) -> tuple[date, date]:
    first = date(year, month, 1)
    return (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=31)).replace(day=1)
