"""The demo of another day: loaded anew, for nothing of it stands already."""

from datetime import date, datetime, timedelta

import pytest

from cop.demo.dates import DemoCalendar
from cop.demo.load import load_demo
from meetings.models import Meeting
from members.actions import keep_standing
from outbox.models import Delivery
from tests.cop.demo.conftest import AS_OF


def later(today: date) -> datetime:
    return DemoCalendar(today, AS_OF, (AS_OF,)).now + timedelta(minutes=15)


@pytest.mark.django_db
@pytest.mark.parametrize("today", [AS_OF, date(2027, 6, 1)])
def test_the_first_look_of_the_clock_writes_of_today_alone(today: date) -> None:
    """Nothing of the past leaves: only who has a day coming up hears of it."""
    load_demo(today=today)
    keep_standing(now=later(today))
    kinds = set(Delivery.objects.values_list("kind", flat=True))
    assert kinds <= {"information_reminder", "membership_grace"}
    assert Delivery.objects.count() <= 3


@pytest.mark.django_db
def test_demo_of_another_day_holds_together() -> None:
    today = date(2027, 8, 15)
    load_demo(today=today)
    latest = Meeting.objects.filter(community__slug="every-door", state="held").get()
    assert today - timedelta(days=62) < latest.local_date <= today
    assert not Meeting.objects.filter(state="scheduled", local_date__lt=today).exists()
