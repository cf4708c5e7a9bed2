"""The demo year, moved so that today falls between meetings 7 and 8 of "Second Thursday".

Meetings follow the rule of their series, registry evidence the next 31 March, issues their
distance from the nearest meeting, everything else keeps its distance from today in days.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

SKIPPED_MONTHS = (7, 12)
WEEKDAY, NTH = 3, 2  # the second Thursday
BEFORE_TODAY = 7


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def slots_around(today: date) -> list[date]:
    """The ten meeting days: seven up to today, three after it."""
    days = [
        nth_weekday(year, month, WEEKDAY, NTH)
        for year in range(today.year - 2, today.year + 3)
        for month in range(1, 13)
        if month not in SKIPPED_MONTHS
    ]
    next_one = next(number for number, day in enumerate(days) if day > today)
    return days[next_one - BEFORE_TODAY : next_one + 3]


@dataclass(frozen=True)
class DemoCalendar:
    """From the days written in the fixtures to days around `today`."""

    today: date
    written_as_of: date
    written_meetings: tuple[date, ...]

    @property
    def now(self) -> datetime:
        return datetime.combine(self.today, time(17, 0), tzinfo=UTC)

    @property
    def meetings(self) -> list[date]:
        if self.today == self.written_as_of:
            return list(self.written_meetings)
        return slots_around(self.today)

    def meeting(self, number: int) -> date:
        return self.meetings[number - 1]

    def near_meeting(self, written: date) -> date:
        """The same distance from the meeting it was nearest to."""
        index = min(
            range(len(self.written_meetings)),
            key=lambda i: abs((self.written_meetings[i] - written).days),
        )
        return self.meetings[index] + (written - self.written_meetings[index])

    def shifted(self, written: date) -> date:
        """The same number of days from today."""
        return self.today + (written - self.written_as_of)

    def shifted_weeks(self, written: date) -> date:
        """About the same distance from today, on the same day of the week."""
        weeks = round((self.today - self.written_as_of).days / 7)
        return written + timedelta(weeks=weeks)

    def registry_end(self) -> date:
        """Registrations end on 31 March, whatever the day they began."""
        this_year = date(self.today.year, 3, 31)
        return this_year if this_year > self.today else date(self.today.year + 1, 3, 31)


def at(day: date, hour: int = 18) -> datetime:
    """A UTC instant on that day: the clock of things that happened in the past."""
    return datetime.combine(day, time(hour, 0), tzinfo=UTC)
