from meetings.actions.feeds import replace_calendar_feed
from meetings.actions.former import free_seats_of_former
from meetings.actions.meetings import (
    cancel_meeting,
    change_capacity,
    draft_meeting,
    mark_held,
    schedule_meeting,
    update_meeting,
)
from meetings.actions.reminders import queue_reminders
from meetings.actions.rsvp import answer_rsvp
from meetings.actions.series import make_series_drafts
from meetings.actions.zones import find_shifted, recheck_timezones

__all__ = [
    "answer_rsvp",
    "cancel_meeting",
    "change_capacity",
    "draft_meeting",
    "find_shifted",
    "free_seats_of_former",
    "make_series_drafts",
    "mark_held",
    "queue_reminders",
    "recheck_timezones",
    "replace_calendar_feed",
    "schedule_meeting",
    "update_meeting",
]
