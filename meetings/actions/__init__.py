from meetings.actions.access_needs import keep_access_needs, say_access_need
from meetings.actions.cancelling import cancel_meeting, restore_meeting
from meetings.actions.changes import change_capacity, update_meeting
from meetings.actions.doors import replace_door
from meetings.actions.feeds import choose_about_meetings, replace_calendar_feed
from meetings.actions.former import free_seats_of_former
from meetings.actions.held import keep_held, mark_held
from meetings.actions.joining import join_meeting
from meetings.actions.meetings import delete_draft, draft_meeting, schedule_meeting
from meetings.actions.reminders import queue_reminders
from meetings.actions.rsvp import answer_rsvp
from meetings.actions.series import make_series_drafts
from meetings.actions.wrap import wrap_meeting
from meetings.actions.zones import find_shifted, recheck_timezones

__all__ = [
    "answer_rsvp",
    "cancel_meeting",
    "change_capacity",
    "choose_about_meetings",
    "delete_draft",
    "draft_meeting",
    "find_shifted",
    "free_seats_of_former",
    "join_meeting",
    "keep_access_needs",
    "keep_held",
    "make_series_drafts",
    "mark_held",
    "queue_reminders",
    "recheck_timezones",
    "replace_calendar_feed",
    "replace_door",
    "restore_meeting",
    "say_access_need",
    "schedule_meeting",
    "update_meeting",
    "wrap_meeting",
]
