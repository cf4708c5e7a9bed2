"""What people were last told of a meeting, while its changes gather for one mail (MT4)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from meetings.models import Meeting

# By wall time, not by instant: should the clock rules change meanwhile, it is still what we said.
FACTS = (
    "local_date", "local_time", "timezone", "duration", "audience", "mode", "place", "join_url",
    "dial_in",
)  # fmt: skip
# Calendars show these; two zones on the same clock are the same to them.
PLAN = ("starts_at", "ends_at", "audience", "mode", "place", "join_url", "dial_in")
# Further than this, people are asked again (MT5).
SMALL_SHIFT = timedelta(minutes=30)


def facts_told(meeting: Meeting, *, now: datetime) -> dict[str, Any]:
    """For `Meeting.change_before`. `asked`: the answers put in doubt since, by key."""
    facts = {name: getattr(meeting, name) for name in FACTS}
    facts |= {
        "local_date": meeting.local_date.isoformat(),
        "local_time": meeting.local_time.isoformat(),
    }
    return {
        "facts": facts,
        "since": now.isoformat(),
        "sequence": meeting.sequence,
        "asked": [],
    }


def told_before(meeting: Meeting) -> Meeting | None:
    """The meeting as people know it; None where nothing is to be told. Never to be saved."""
    if not meeting.change_before:
        return None
    facts = dict(meeting.change_before["facts"])
    facts["local_date"] = date.fromisoformat(facts["local_date"])
    facts["local_time"] = time.fromisoformat(facts["local_time"])
    before = Meeting(community=meeting.community, title=meeting.title, **facts)
    before.derive_instants()
    return before


def told_since(meeting: Meeting) -> datetime | None:
    """Who answered later than this read the changed page."""
    told = meeting.change_before
    return datetime.fromisoformat(told["since"]) if told else None


def is_same_plan(before: Meeting, after: Meeting) -> bool:
    return all(getattr(before, name) == getattr(after, name) for name in PLAN)


def is_real_move(before: Meeting, after: Meeting) -> bool:
    """Over half an hour, or another day (MT5)."""
    shift = abs(after.starts_at - before.starts_at)
    return shift > SMALL_SHIFT or after.local_date != before.local_date
