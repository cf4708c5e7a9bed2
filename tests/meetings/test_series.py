from datetime import date, time

import pytest

from meetings.actions import make_series_drafts
from meetings.models import Meeting, MeetingSeries
from members.models import Stream


@pytest.fixture
def series(community):
    stream = Stream.objects.create(community=community, kind="learn", name="Learn")
    return MeetingSeries.objects.create(
        stream=stream, title="Second Thursday", weekday=3, nth=2, local_time=time(10),
        skip_months=[7, 12],
    )  # fmt: skip


def days(drafts):
    return [meeting.local_date for meeting in drafts]


def test_make_series_drafts_follows_the_rule(series, priya):
    drafts = make_series_drafts(series=series, after=date(2026, 4, 1), by=priya)

    assert days(drafts) == [
        date(2026, 4, 9), date(2026, 5, 14), date(2026, 6, 11), date(2026, 8, 13),
        date(2026, 9, 10), date(2026, 10, 8), date(2026, 11, 12), date(2027, 1, 14),
        date(2027, 2, 11), date(2027, 3, 11),
    ]  # fmt: skip
    first = Meeting.objects.order_by("starts_at").first()
    assert (first.state, first.title, first.kind) == (
        "draft",
        "Second Thursday",
        "learning_session",
    )
    assert {meeting.starts_at.hour for meeting in Meeting.objects.all()} == {17}


def test_make_series_drafts_twice_makes_none_again(series, priya):
    make_series_drafts(series=series, after=date(2026, 4, 1), by=priya)
    moved = Meeting.objects.order_by("starts_at").first()
    Meeting.objects.filter(pk=moved.pk).update(local_date=date(2026, 4, 16))
    Meeting.objects.exclude(pk=moved.pk).update(state="cancelled", cancel_reason="Rest")

    assert make_series_drafts(series=series, after=date(2026, 4, 1), by=priya) == []
    assert days(make_series_drafts(series=series, after=date(2026, 5, 1), by=priya)) == [
        date(2027, 4, 8)
    ]


@pytest.mark.parametrize(
    ("weekday", "nth", "day"),
    [(0, 1, 1), (0, 5, 29), (6, 4, 28), (2, 5, 31), (5, 5, 27)],
)
def test_slot_in_finds_the_day(weekday, nth, day):
    series = MeetingSeries(weekday=weekday, nth=nth)

    assert series.slot_in(2027, 3) == date(2027, 3, day)
