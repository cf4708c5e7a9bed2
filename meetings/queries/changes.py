"""The changes of a meeting in words, on the clock of whoever reads (MT3, MT4)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from cop.core.time import same_clock, say_date, say_hours, say_span
from meetings.models import Meeting, Rsvp
from meetings.queries.told import told_before, told_since


@dataclass(frozen=True)
class Change:
    """`before` is empty where the old is of no use any more, or nobody else's business (MT8)."""

    label: str
    before: str
    now: str


def what_changed(meeting: Meeting, rsvp: Rsvp, zone: str, *, now: datetime) -> list[Change]:
    """Compared with what this person was told last. Empty for who read the changed page since."""
    before, since = told_before(meeting), told_since(meeting)
    if before is None or since is None or (rsvp.answered_at and rsvp.answered_at > since):
        return []
    found = []
    if (before.starts_at, before.ends_at) != (meeting.starts_at, meeting.ends_at):
        found.append(Change(_("When"), _when(before, zone, now), _when(meeting, zone, now)))
    if (before.mode, before.place) != (meeting.mode, meeting.place):
        found.append(Change(_("Where"), say_place(before), say_place(meeting)))
    if before.audience != meeting.audience:
        found.append(
            Change(_("Who may come"), before.get_audience_display(), meeting.get_audience_display())
        )
    return found + _ways_in(before, meeting)


def _ways_in(before: Meeting, meeting: Meeting) -> list[Change]:
    """The addresses themselves go only to who comes, and only when the door opens."""
    found = []
    if before.join_url != meeting.join_url and meeting.is_online:
        found.append(Change(_("Join link"), "", _("It is new. It comes with the last reminder.")))
    if before.dial_in != meeting.dial_in:
        told = _("The number or the code is new.") if meeting.dial_in else _("There is none now.")
        found.append(Change(_("By phone"), "", told))
    return found


def say_place(meeting: Meeting) -> str:
    if not (meeting.is_in_person and meeting.place):
        return _("Online")
    place = " ".join(meeting.place.split())
    return _("%(place)s, or online") % {"place": place} if meeting.is_online else place


def _when(meeting: Meeting, zone: str, now: datetime) -> str:
    """On one's own clock, and on the community's where that shows other hours."""
    span = say_span(meeting.starts_at, meeting.ends_at, zone, now=now)
    home = meeting.community.timezone
    if same_clock(meeting.starts_at, zone, home):
        return span
    hours = say_hours(meeting.starts_at, meeting.ends_at, home)
    here, there = (meeting.starts_at.astimezone(ZoneInfo(name)).date() for name in (zone, home))
    if here != there:
        hours = f"{say_date(meeting.starts_at, home, now=now)}, {hours}"
    return f"{span} ({hours})"
