"""A meeting as one line of a list: all words made here, so that long lists stay cheap."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cop.core.time import same_clock, say_date, say_hours
from meetings.models import Audience, Meeting, Rsvp
from meetings.models.meetings import MeetingQuerySet
from members.models import Community

State = Meeting.State
BADGES = {
    Rsvp.State.GOING: ("good", "check-circle"),
    Rsvp.State.WAITLISTED: ("wait", "hourglass-split"),
    Rsvp.State.NEEDS_CONFIRMATION: ("wait", "exclamation-triangle"),
    Rsvp.State.NOT_GOING: ("plain", "x-circle"),
    Rsvp.State.SEND_MATERIALS: ("plain", "envelope"),
}


# What a line is made of. No whole rows: twenty of them cost more than the words.
COLUMNS = (
    "public_id", "title", "language", "starts_at", "ends_at", "state", "kind", "mode", "audience",
    "capacity", "going_count",
)  # fmt: skip


@dataclass(slots=True)
class Line:
    public_id: str
    title: str
    url: str
    # Only where it is not the language of the page.
    language: str
    starts_at: datetime
    day: date
    date: tuple[str, str, str]
    # Day and hours, then the community's hours where they differ.
    when: str
    elsewhere: str
    about: str
    # kind, icon and word
    badge: tuple[str, str, str] | None
    is_cancelled: bool


class LineMaker:
    """For one reader's page: what is the same on several lines is made once."""

    def __init__(self, community: Community, zone: str) -> None:
        self.home, self.zone = community.timezone, zone
        self.clock = ZoneInfo(zone)
        self.base = reverse("meetings:meeting_list", args=[community.slug])
        self.language = get_language() or settings.LANGUAGE_CODE

    def lines(self, rows: MeetingQuerySet) -> list[Line]:
        has_answers = "my_state" in rows.query.annotations
        names = (*COLUMNS, "my_state") if has_answers else COLUMNS
        return [self._line(row) for row in rows.values(*names)]

    def _line(self, row: dict[str, Any]) -> Line:
        starts_at, ends_at, state = row["starts_at"], row["ends_at"], row["state"]
        local = starts_at.astimezone(self.clock)
        block, day_words = _day(local.date(), self.language)
        seats = say_seats(row["capacity"], row["going_count"], state)
        about = _about(row["kind"], row["mode"], row["audience"], self.language)
        return Line(
            public_id=row["public_id"],
            title=row["title"],
            url=f"{self.base}{row['public_id']}/",
            language="" if row["language"] == self.language else row["language"],
            starts_at=starts_at,
            day=local.date(),
            date=block,
            when=f"{day_words}, {self._clock(starts_at, ends_at, local)}",
            elsewhere=say_elsewhere(starts_at, ends_at, self.zone, self.home),
            about=f"{about} · {seats}" if seats else about,
            badge=_badge(state, row.get("my_state")),
            is_cancelled=state == State.CANCELLED,
        )

    def _clock(self, starts_at: datetime, ends_at: datetime, local: datetime) -> str:
        end = ends_at.astimezone(self.clock)
        days = (end.date() - local.date()).days
        return _hours(local.time(), end.time(), days, self.zone, self.language)


# Pure words of a day, an hour, a kind: the same on each page of everybody.
@lru_cache(maxsize=5_000)
def _day(day: date, language: str) -> tuple[tuple[str, str, str], str]:
    month, number, weekday = (formats.date_format(day, part) for part in ("M", "j", "D"))
    return (month, number, weekday), formats.date_format(day, "l j F Y")


@lru_cache(maxsize=5_000)
def _hours(start: time, end: time, days: int, zone: str, language: str) -> str:
    """A zone has one name for people, whatever its offset on the day."""
    first = datetime.combine(date(2000, 1, 1), start, tzinfo=ZoneInfo(zone))
    last = datetime.combine(date(2000, 1, 1) + timedelta(days=days), end, tzinfo=ZoneInfo(zone))
    return say_hours(first, last, zone)


@lru_cache(maxsize=500)
def _about(kind: str, mode: str, audience: str, language: str) -> str:
    names = (Meeting.Kind(kind).label, Meeting.Mode(mode).label, Audience(audience).label)
    return " · ".join(map(str, names))


def _badge(state: str, answer: str | None) -> tuple[str, str, str] | None:
    if state == State.CANCELLED:
        return ("bad", "x-circle", _("Cancelled"))
    if not answer:
        return None
    said = Rsvp.State(answer)
    return (*BADGES[said], str(said.label))


def say_seats(capacity: int | None, taken: int, state: str) -> str:
    """How many seats are left; nothing where there is no limit."""
    if not capacity or state != State.SCHEDULED:
        return ""
    left = max(capacity - taken, 0)
    if left:
        return ngettext(
            "%(left)s of %(all)s seats is free", "%(left)s of %(all)s seats are free", left
        ) % {"left": left, "all": capacity}
    return ngettext(
        "The one seat is taken; there is a waitlist",
        "All %(all)s seats are taken; there is a waitlist",
        capacity,
    ) % {"all": capacity}


def say_elsewhere(starts_at: datetime, ends_at: datetime, zone: str, home: str) -> str:
    """The same hours on the community's clock, where it shows others than the reader's (MT3)."""
    if zone == home or same_clock(starts_at, zone, home):
        return ""
    hours = say_hours(starts_at, ends_at, home)
    here, there = (starts_at.astimezone(ZoneInfo(name)).date() for name in (zone, home))
    return hours if here == there else f"{say_date(starts_at, home)}, {hours}"
