"""Links that fill one meeting into a calendar of the big providers. No join link (MT8)."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from cop.core.links import absolute
from meetings.models import Meeting


def google_url(meeting: Meeting) -> str:
    start, end = (f"{_utc(at):%Y%m%dT%H%M%SZ}" for at in (meeting.starts_at, meeting.ends_at))
    query = {
        "action": "TEMPLATE",
        "text": meeting.title,
        "dates": f"{start}/{end}",
        "details": absolute(meeting.get_absolute_url()),
        "location": _place(meeting),
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(query)}"


def outlook_url(meeting: Meeting) -> str:
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": meeting.title,
        "startdt": f"{_utc(meeting.starts_at):%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{_utc(meeting.ends_at):%Y-%m-%dT%H:%M:%SZ}",
        "body": absolute(meeting.get_absolute_url()),
        "location": _place(meeting),
    }
    return f"https://outlook.office.com/calendar/0/deeplink/compose?{urlencode(query)}"


def _place(meeting: Meeting) -> str:
    return meeting.place if meeting.is_in_person and meeting.place else _("Online")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
