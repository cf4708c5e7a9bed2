from datetime import UTC, date, datetime, time

import pytest
from django.utils import translation

from cop.core.time import (
    ZONES,
    before_quiet,
    is_quiet,
    say_date,
    say_span,
    to_instant,
    zone_label,
)

NOV_12 = datetime(2026, 11, 12, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        ("America/Vancouver", "10:00 to 11:30 a.m. Pacific time"),
        ("America/Dawson_Creek", "10:00 to 11:30 a.m. Mountain time (Peace)"),
        ("America/Creston", "10:00 to 11:30 a.m. Mountain time (Creston)"),
        ("America/Edmonton", "11:00 a.m. to 12:30 p.m. East Kootenay and Alberta time"),
        ("America/Toronto", "12:00 to 1:30 p.m. Eastern time"),
    ],
)
def test_say_span_in_british_columbia_after_the_last_clock_change(zone: str, clock: str) -> None:
    """TZ6: 10:00 in Vancouver on 12 November 2026 is 17:00Z: the province stays at UTC-7."""
    starts = to_instant(date(2026, 11, 12), time(10, 0), "America/Vancouver")
    assert starts == datetime(2026, 11, 12, 17, 0, tzinfo=UTC)
    ends = datetime(2026, 11, 12, 18, 30, tzinfo=UTC)
    assert say_span(starts, ends, zone, now=NOV_12) == f"Thursday 12 November, {clock}"


def test_say_date_names_another_year() -> None:
    january = datetime(2027, 1, 14, 18, 0, tzinfo=UTC)
    assert say_date(january, "America/Vancouver", now=NOV_12) == "Thursday 14 January 2027"


def test_french_says_it_in_french() -> None:
    starts = to_instant(date(2026, 11, 12), time(10, 30), "America/Toronto")
    with translation.override("fr"):
        said = say_span(starts, NOV_12, "America/Toronto", now=NOV_12)
    assert said.startswith("jeudi 12 novembre")
    assert "10 h 30" in said


def test_no_abbreviation_of_the_zone_database_is_ever_shown() -> None:
    for zone in ZONES:
        label = zone_label(zone)
        assert not any(word in label.split() for word in ("MST", "PST", "PDT", "EST", "EDT", "T"))


def test_skipped_wall_time_moves_forward_and_doubled_takes_the_first() -> None:
    """Toronto still changes its clocks: 02:30 does not exist on 14 March 2027."""
    skipped = to_instant(date(2027, 3, 14), time(2, 30), "America/Toronto")
    assert skipped == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    doubled = to_instant(date(2026, 11, 1), time(1, 30), "America/Toronto")
    assert doubled == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(("hour_utc", "quiet"), [(3, True), (13, True), (14, False), (2, False)])
def test_quiet_hours_follow_the_persons_clock(hour_utc: int, quiet: bool) -> None:
    """03:00Z is 20:00 in Vancouver; 14:00Z is 07:00 (RM2)."""
    assert is_quiet(datetime(2026, 12, 1, hour_utc, 0, tzinfo=UTC), "America/Vancouver") is quiet


def test_before_quiet_moves_to_the_evening_before() -> None:
    six_in_the_morning = datetime(2026, 12, 2, 13, 0, tzinfo=UTC)
    moved = before_quiet(six_in_the_morning, "America/Vancouver")
    assert moved == datetime(2026, 12, 2, 2, 59, tzinfo=UTC)
