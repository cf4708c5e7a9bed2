"""The pages of the desk that belong to one meeting, beside its form: agenda, attendance, notes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from meetings.models import Meeting
from members.desk import CommunityAdmin

TabView = Callable[[CommunityAdmin, HttpRequest, Meeting], HttpResponse]


def always(meeting: Meeting, now: datetime) -> bool:
    return True


@dataclass(frozen=True)
class Tab:
    """`view` is called for people who may change the meeting; it answers GET and POST.

    Its address is `admin:meetings_meeting_<name>`, the argument the key of the meeting.
    """

    name: str
    label: str | Promise
    view: TabView
    # Whether the meeting's page leads there now.
    shows: Callable[[Meeting, datetime], bool] = always


# The list of all of them, in the order of a meeting's life: meetings/admin/tab_pages.py.
