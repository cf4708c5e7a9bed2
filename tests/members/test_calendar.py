from datetime import date

import pytest

from members.calendar import add_business_days, first_answer_due
from tests.factories import NOW


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 26), 5, date(2026, 12, 3)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        # Christmas Day is a Friday; Boxing Day is no holiday in British Columbia.
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        # Family Day, the third Monday of February.
        (date(2027, 2, 12), 1, date(2027, 2, 16)),
    ],
)
def test_add_business_days_leaves_out_weekends_and_holidays(day, count, expected):
    assert add_business_days(day, count) == expected


def test_first_answer_due_counts_from_the_community_own_day():
    assert first_answer_due(NOW, "America/Vancouver") == date(2026, 12, 3)
