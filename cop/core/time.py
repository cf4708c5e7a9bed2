"""Time as people say it. A promise to people is wall time plus zone; UTC is derived from it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import formats, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Our own labels (TZ rules): the zone database calls Vancouver "MST", which people read as an error.
ZONES: dict[str, str | Promise] = {
    "America/Vancouver": gettext_lazy("Pacific time"),
    "America/Dawson_Creek": gettext_lazy("Mountain time (Peace)"),
    "America/Fort_Nelson": gettext_lazy("Mountain time (Northern Rockies)"),
    "America/Creston": gettext_lazy("Mountain time (Creston)"),
    "America/Edmonton": gettext_lazy("East Kootenay and Alberta time"),
    "America/Whitehorse": gettext_lazy("Yukon time"),
    "America/Yellowknife": gettext_lazy("Northwest Territories time"),
    "America/Regina": gettext_lazy("Saskatchewan time"),
    "America/Winnipeg": gettext_lazy("Central time"),
    "America/Toronto": gettext_lazy("Eastern time"),
    "America/Halifax": gettext_lazy("Atlantic time"),
    "America/St_Johns": gettext_lazy("Newfoundland time"),
    "UTC": gettext_lazy("universal time (UTC)"),
}
DEFAULT_ZONE = "America/Vancouver"
QUIET_FROM, QUIET_UNTIL = time(20), time(7)
RESYNC_SECONDS = 60
# British Columbia stopped changing its clocks in 2026 (TZ2): old zone data is an hour wrong.
PROBE = datetime(2026, 12, 15, 18, 0, tzinfo=UTC)
EXPECTED = timedelta(hours=-7)


def python_zone_data_is_current() -> bool:
    return PROBE.astimezone(ZoneInfo("America/Vancouver")).utcoffset() == EXPECTED


def refuse_old_zone_data() -> None:
    """For processes that Django's start-up checks do not reach: gunicorn, worker, beat (TZ2)."""
    if not python_zone_data_is_current():
        raise SystemExit("cop.E001: the time-zone data is out of date. Install tzdata 2026.3.")


def zone_choices() -> list[tuple[str, str | Promise]]:
    return list(ZONES.items())


def zone_label(zone: str) -> str:
    """The name of a zone for people: never an abbreviation of the zone database."""
    if zone in ZONES:
        return str(ZONES[zone])
    return _("time in %(place)s") % {"place": zone.rpartition("/")[2].replace("_", " ")}


def to_instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall time. A skipped one moves forward; of a doubled one, the first."""
    wall = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return wall.astimezone(ZoneInfo("UTC"))


def clock_gap(day: date, at: time, zone: str) -> time | None:
    """For a wall time that the clocks jump over that day: the time they show then. Else None."""
    wall = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    shown = wall.astimezone(UTC).astimezone(ZoneInfo(zone))
    return None if shown.time() == at else shown.time()


def comes_twice(day: date, at: time, zone: str) -> bool:
    """Do the clocks go back over this wall time that day? `to_instant` then means the first."""
    wall = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return clock_gap(day, at, zone) is None and wall.utcoffset() != wall.replace(fold=1).utcoffset()


def same_clock(instant: datetime, zone: str, other: str) -> bool:
    """Do two zones show the same wall time at this instant?"""
    return (
        instant.astimezone(ZoneInfo(zone)).utcoffset()
        == instant.astimezone(ZoneInfo(other)).utcoffset()
    )


def say_date(instant: datetime, zone: str, *, now: datetime | None = None) -> str:
    """Thursday 11 March; with the year where it is not the one of `now`."""
    local = instant.astimezone(ZoneInfo(zone))
    same_year = now is not None and local.year == now.astimezone(ZoneInfo(zone)).year
    return formats.date_format(local, "l j F" if same_year else "l j F Y")


def say_clock(local: datetime | time, *, half: bool = True) -> str:
    """10:00 a.m., or 10 h 00 in French. `half=False` leaves out a.m. and p.m."""
    if (translation.get_language() or "en").startswith("fr"):
        return f"{local.hour} h {local.minute:02d}" if local.minute else f"{local.hour} h"
    return formats.time_format(local, "g:i a" if half else "g:i")


def say_hours(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """10:00 to 11:30 a.m. Pacific time."""
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (starts_at, ends_at))
    same_half = (start.hour < 12) == (end.hour < 12) and start.date() == end.date()
    return _("%(start)s to %(end)s %(zone)s") % {
        "start": say_clock(start, half=not same_half),
        "end": say_clock(end),
        "zone": zone_label(zone),
    }


def say_span(
    starts_at: datetime, ends_at: datetime, zone: str, *, now: datetime | None = None
) -> str:
    """Thursday 11 March, 10:00 to 11:30 a.m. Pacific time."""
    return f"{say_date(starts_at, zone, now=now)}, {say_hours(starts_at, ends_at, zone)}"


def is_quiet(instant: datetime, zone: str) -> bool:
    """Is it between 20:00 and 07:00 on this person's wall clock (RM2)?"""
    clock = instant.astimezone(ZoneInfo(zone)).time()
    return clock >= QUIET_FROM or clock < QUIET_UNTIL


def before_quiet(instant: datetime, zone: str) -> datetime:
    """The instant itself, or 19:59 of the evening before, where it falls into quiet hours."""
    if not is_quiet(instant, zone):
        return instant
    local = instant.astimezone(ZoneInfo(zone))
    evening = local.date() if local.time() >= QUIET_FROM else local.date() - timedelta(days=1)
    return to_instant(evening, time(19, 59), zone)


def after_quiet(instant: datetime, zone: str) -> datetime:
    """The instant itself, or the next 07:00 on this wall clock, where it falls into quiet hours."""
    if not is_quiet(instant, zone):
        return instant
    local = instant.astimezone(ZoneInfo(zone))
    later = timedelta(days=1) if local.time() >= QUIET_FROM else timedelta()
    return to_instant(local.date() + later, QUIET_UNTIL, zone)


def database_clock() -> Callable[[], datetime]:
    """A clock that the host's own clock cannot mislead (F41).

    It asks PostgreSQL for the time once a minute and goes on by the steady clock of the machine.
    """
    return _DatabaseClock()


def database_now() -> datetime:
    """Now by the database's clock, for what other hosts will compare with it."""
    return _shared_clock()


class _DatabaseClock:
    def __init__(self) -> None:
        self._base, self._asked_at = datetime.min, float("-inf")

    def __call__(self) -> datetime:
        if monotonic() - self._asked_at > RESYNC_SECONDS:
            with connection.cursor() as cursor:
                cursor.execute("SELECT clock_timestamp()")
                self._base, self._asked_at = cursor.fetchone()[0], monotonic()
        return self._base + timedelta(seconds=monotonic() - self._asked_at)


_shared_clock = _DatabaseClock()
