"""What stands where on the form of a meeting, and the links to what is chosen on other pages."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from meetings.actions.changes import CALENDAR_FIELDS
from meetings.admin.tab_pages import TABS
from meetings.models import Meeting

NEW_FIELDSETS = [
    (None, {"fields": ["community", "stream", "title", "description", "kind", "language",
                       "facilitator", "seen"]}),
    (_("When"), {"fields": ["local_date", "local_time", "timezone", "duration"]}),
    (_("Who and where"), {"fields": ["audience", "capacity", "mode", "place", "join_url",
                                     "dial_in"]}),
    (_("So that everybody can take part"), {"fields": ["interpretation", "has_captions",
                                                       "sign_language", "access_by"]}),
    (_("Care"), {"fields": ["content_note", "support_person", "recording_policy"]}),
    (_("Papers"), {"fields": ["pre_reading", "materials"]}),
]  # fmt: skip
# What is chosen on pages of its own has no place on the page of a new meeting.
CHOSEN = (_("Format and topic"), {"fields": ["format_link", "topic_link", "circles"]})
FIELDSETS = [NEW_FIELDSETS[0], CHOSEN, *NEW_FIELDSETS[1:]]
# Of a meeting that is over or cancelled: when, where and what it was stays as people know it.
STAYS = sorted({"title", *CALENDAR_FIELDS})


def page_link(meeting: Meeting, name: str, thing: object, todo: str) -> str:
    """What is chosen, and the way to the page where it is; without such a page, the words."""
    if all(tab.name != name for tab in TABS):
        return str(thing) if thing else "–"
    url = reverse(f"admin:meetings_meeting_{name}", args=[meeting.pk])
    return format_html('<a href="{}">{}</a>', url, str(thing) if thing else todo)


def meeting_links(meetings: Iterable[Meeting]) -> str:
    rows = ((reverse("admin:meetings_meeting_change", args=[one.pk]), str(one)) for one in meetings)
    return format_html_join(", ", '<a href="{}">{}</a>', rows)
