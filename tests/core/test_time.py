import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation

from cop.core import time as time_module
from cop.core.time import (
    ZONES,
    after_quiet,
    before_quiet,
    database_clock,
    is_quiet,
    refuse_old_zone_data,
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


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        # Awake: the moment itself, borders included.
        ("America/Vancouver", "2026-12-01T15:00", "2026-12-01T15:00"),
        ("America/Vancouver", "2026-12-02T02:59", "2026-12-02T02:59"),
        # Evening, midnight, early morning: seven o'clock of the same night.
        ("America/Vancouver", "2026-12-02T03:00", "2026-12-02T14:00"),
        ("America/Vancouver", "2026-12-02T08:00", "2026-12-02T14:00"),
        ("America/Vancouver", "2026-12-02T13:59", "2026-12-02T14:00"),
        ("America/St_Johns", "2026-12-02T01:00", "2026-12-02T10:30"),
        # The night that is an hour longer, and the one that is an hour shorter.
        ("America/Toronto", "2026-11-01T02:00", "2026-11-01T12:00"),
        ("America/Toronto", "2026-11-01T06:30", "2026-11-01T12:00"),
        ("America/Los_Angeles", "2027-03-14T05:00", "2027-03-14T14:00"),
        # Samoa left out 30 December 2011: the next seven o'clock is a calendar day further on.
        ("Pacific/Apia", "2011-12-30T07:00", "2011-12-30T17:00"),
    ],
)
def test_after_quiet_is_the_next_seven_o_clock(zone: str, before: str, after: str) -> None:
    asked, expected = (datetime.fromisoformat(f"{moment}+00:00") for moment in (before, after))
    assert after_quiet(asked, zone) == expected


@pytest.mark.parametrize("zone", [*ZONES, "America/Los_Angeles", "Australia/Lord_Howe"])
def test_after_quiet_never_goes_back_never_far_and_is_always_awake(zone: str) -> None:
    moment = datetime(2026, 10, 1, tzinfo=UTC)
    while moment < datetime(2027, 4, 15, tzinfo=UTC):
        later = after_quiet(moment, zone)
        assert not is_quiet(later, zone)
        assert timedelta() <= later - moment <= timedelta(hours=12)
        assert later == moment or later.astimezone(ZoneInfo(zone)).time() == time(7)
        moment += timedelta(minutes=17)


@pytest.mark.django_db
def test_the_clock_of_the_database_ignores_the_clock_of_the_host(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    """F41: one question a minute; between two it goes on by the steady clock."""
    steady = [1000.0]
    monkeypatch.setattr(time_module, "monotonic", lambda: steady[0])
    clock = database_clock()
    with django_assert_num_queries(1):
        first = clock()
        steady[0] += 59
        assert clock() - first == timedelta(seconds=59)
    steady[0] += 2
    with django_assert_num_queries(1):
        again = clock()
    assert first.tzinfo is not None
    # Asked anew: the database says that hardly any time went by.
    assert timedelta() <= again - first < timedelta(seconds=30)


# --- No arithmetic by zone in SQL (TZ3): PostgreSQL brings zone data of its own. -----------------
ROOT = Path(settings.BASE_DIR)
APPS = ["cop", "outbox", "members", "surveys", "meetings", "library", "discussions", "newsletter"]
# The one that asks PostgreSQL for its zone data, to refuse old ones (TZ2).
MAY = {"cop/checks.py"}
WORDS = ("at time zone", "timezone(", "date_trunc", "current_date", "localtime", "set time zone")
PARTS = {
    "date", "time", "year", "month", "day", "week", "week_day", "iso_year", "iso_week_day",
    "quarter", "hour", "minute",
}  # fmt: skip
MOMENTS = {
    field.name
    for model in apps.get_models()
    for field in model._meta.get_fields()
    if isinstance(field, models.DateTimeField)
}


def python_files() -> Iterator[Path]:
    for app in APPS:
        yield from sorted((ROOT / app).rglob("*.py"))


def arithmetic(tree: ast.AST) -> Iterator[str]:
    """What would make PostgreSQL look at a wall clock."""
    for node in ast.walk(tree):
        if isinstance(node, ast.alias) and node.name.startswith(("Trunc", "Extract")):
            if node.name != "Truncator":
                yield node.name
        elif isinstance(node, ast.keyword) and node.arg:
            yield from lookup(node.arg)
        elif isinstance(node, ast.Attribute) and node.attr in {"dates", "datetimes"}:
            yield f".{node.attr}("
        elif isinstance(node, ast.Name) and node.id == "date_hierarchy":
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            said = node.value.lower()
            yield from (word for word in WORDS if word in said)
            yield from lookup(node.value)


def lookup(path: str) -> Iterator[str]:
    """`starts_at__date` and the like; on a plain date it is no matter of zones."""
    parts = path.split("__")
    for name, part in pairwise(parts):
        if name in MOMENTS and part in PARTS:
            yield path


def test_sql_does_no_arithmetic_by_zone() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {what}"
        for path in python_files()
        if str(path.relative_to(ROOT)) not in MAY
        for what in arithmetic(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert not found, "Compare instants, with bounds made by cop.core.time (TZ3)."


@pytest.mark.parametrize(
    "code",
    [
        "rows.filter(starts_at__date=day)",
        "rows.filter(**{'meeting__starts_at__hour__gte': 20})",
        "from django.db.models.functions import TruncMonth",
        "from django.db.models.functions import ExtractHour as hour",
        "cursor.execute('SELECT due_at AT TIME ZONE %s')",
        "rows.datetimes('starts_at', 'day')",
        "date_hierarchy = 'starts_at'",
        "rows.order_by('sent_at__month')",
    ],
)
def test_the_walk_finds_it(code: str) -> None:
    assert list(arithmetic(ast.parse(code)))


def test_processes_without_checks_refuse_old_zone_data(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_old_zone_data()
    monkeypatch.setattr("cop.core.time.python_zone_data_is_current", lambda: False)
    with pytest.raises(SystemExit, match="E001"):
        refuse_old_zone_data()
