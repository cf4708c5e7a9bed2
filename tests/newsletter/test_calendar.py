from datetime import date

import pytest

from newsletter.calendar import add_months, first_period, nearest_tuesday, next_period


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 17), 2, date(2027, 1, 17)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_add_months(day, months, expected):
    assert add_months(day, months) == expected


@pytest.mark.parametrize("offset", range(7))
def test_nearest_tuesday_is_a_tuesday_at_most_three_days_off(offset):
    day = date(2027, 1, 4 + offset)

    found = nearest_tuesday(day)

    assert found.weekday() == 1
    assert abs((found - day).days) <= 3


def test_next_period_follows_the_last_without_a_gap():
    period = next_period(date(2026, 11, 13), date(2026, 11, 17), months=2, today=date(2026, 11, 26))

    assert (period.period_from, period.period_to) == (date(2026, 11, 14), date(2027, 1, 15))
    assert period.send_on == date(2027, 1, 19)


def test_next_period_covers_missed_dates_with_one_issue():
    period = next_period(date(2026, 1, 9), date(2026, 1, 13), months=2, today=date(2026, 11, 26))

    assert period.period_from == date(2026, 1, 10)
    assert period.send_on > date(2026, 11, 26)


def test_first_period_starts_with_a_young_programme():
    today = date(2026, 4, 20)

    young = first_period(today, months=2, programme_start=date(2026, 4, 9))
    old = first_period(today, months=2, programme_start=date(2025, 4, 9))

    assert young.period_from == date(2026, 4, 9)
    assert old.period_from == date(2026, 4, 1)
