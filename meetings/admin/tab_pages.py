"""All pages beside a meeting's form, in the order of its life."""

from meetings.admin import after, agenda, attendance, roles, run_sheet, topics
from meetings.admin.tabs import Tab

TABS: list[Tab] = [
    *topics.TABS,
    *agenda.TABS,
    *roles.TABS,
    *run_sheet.TABS,
    *attendance.TABS,
    *after.TABS,
]
