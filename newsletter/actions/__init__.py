from newsletter.actions.approval import approve_issue, hold_issue, resume_issue, send_test
from newsletter.actions.clock import send_scheduled
from newsletter.actions.closing import close_issues, note_replies
from newsletter.actions.digests import queue_weekly_digests
from newsletter.actions.drafting import make_draft, make_due_drafts
from newsletter.actions.editing import Saved, restore_version, update_issue
from newsletter.actions.link_checks import check_links, want_link_checks
from newsletter.actions.people import answer_naming, ask_person, note_answer
from newsletter.actions.running import (
    pause_sending,
    resume_sending,
    settle_issues,
    stop_sending,
)
from newsletter.actions.scheduling import schedule_issue, unschedule_issue
from newsletter.actions.sending import cancel_send, send_issue

__all__ = [
    "Saved",
    "answer_naming",
    "approve_issue",
    "ask_person",
    "cancel_send",
    "check_links",
    "close_issues",
    "hold_issue",
    "make_draft",
    "make_due_drafts",
    "note_answer",
    "note_replies",
    "pause_sending",
    "queue_weekly_digests",
    "restore_version",
    "resume_issue",
    "resume_sending",
    "schedule_issue",
    "send_issue",
    "send_scheduled",
    "send_test",
    "settle_issues",
    "stop_sending",
    "unschedule_issue",
    "update_issue",
    "want_link_checks",
]
