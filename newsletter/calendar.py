"""When issues leave: every few months, on a Tuesday; each tells up to the Friday before."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

TUESDAY = 1
CLOSES_BEFORE = timedelta(days=4)


@dataclass(frozen=True)
class Period:
    period_from: date
    period_to: date
    send_on: date


def add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def nearest_tuesday(day: date) -> date:
    ahead = (TUESDAY - day.weekday()) % 7
    return day + timedelta(days=ahead if ahead <= 3 else ahead - 7)


def same_tuesday(day: date, months: int) -> date:
    """So many months on, on the same Tuesday of the month: a third one stays a third one, so that
    the day does not wander. A fifth one becomes a fourth: not every month has it."""
    which = min(4, (day.day - 1) // 7 + 1)
    first = add_months(day.replace(day=1), months)
    return first + timedelta(days=(TUESDAY - first.weekday()) % 7 + 7 * (which - 1))


def first_period(today: date, *, months: int, programme_start: date | None) -> Period:
    """From the start of a programme that has just begun, else from the first of this month."""
    begins = today.replace(day=1)
    if programme_start and add_months(today, -months) < programme_start <= today:
        begins = programme_start
    return _period(begins, nearest_tuesday(add_months(begins, months)))


def next_period(last_to: date, last_send: date, *, months: int, today: date) -> Period:
    """The period after the last one. Dates that have gone by are not caught up one by one:
    one issue covers them all."""
    send_on = same_tuesday(last_send, months)
    while send_on < today:
        send_on = same_tuesday(send_on, months)
    return _period(last_to + timedelta(days=1), send_on)


def _period(begins: date, send_on: date) -> Period:
    return Period(begins, max(begins, send_on - CLOSES_BEFORE), send_on)
