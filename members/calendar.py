"""Business days of British Columbia: Monday to Friday, without its public holidays (AM2)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

FIRST_ANSWER_DAYS = 5


def add_business_days(day: date, count: int) -> date:
    """The day that is `count` business days after `day`."""
    closed = holidays.country_holidays("CA", subdiv="BC")
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in closed:
            count -= 1
    return day


def first_answer_due(now: datetime, zone: str) -> date:
    """By when an application has its first answer, counted from the community's own date."""
    return add_business_days(now.astimezone(ZoneInfo(zone)).date(), FIRST_ANSWER_DAYS)
