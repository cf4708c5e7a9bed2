"""Links that fill one meeting into a calendar of the big providers. No join link (MT8)."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from meetings.discreet import Entry, entry_of
from meetings.models import Meeting


def google_url(meeting: Meeting) -> str:
    entry = _entry(meeting)
    start, end = (f"{_utc(at):%Y%m%dT%H%M%SZ}" for at in (meeting.starts_at, meeting.ends_at))
    query = {
        "action": "TEMPLATE",
        "text": entry.title,
        "dates": f"{start}/{end}",
        "details": entry.url,
        "location": entry.place,
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(query)}"


def outlook_url(meeting: Meeting) -> str:
    entry = _entry(meeting)
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.title,
        "startdt": f"{_utc(meeting.starts_at):%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{_utc(meeting.ends_at):%Y-%m-%dT%H:%M:%SZ}",
        "body": entry.url,
        "location": entry.place,
    }
    return f"https://outlook.office.com/calendar/0/deeplink/compose?{urlencode(query)}"


def _entry(meeting: Meeting) -> Entry:
    """Discreet where the reader chose so (get_meeting_or_404 adds `is_discreet`)."""
    discreet = getattr(meeting, "is_discreet", False)
    return entry_of(meeting, meeting.community.timezone, discreet=discreet)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
