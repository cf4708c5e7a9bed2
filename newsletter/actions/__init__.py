from newsletter.actions.approval import approve_issue, hold_issue, resume_issue, send_test
from newsletter.actions.digests import queue_weekly_digests
from newsletter.actions.drafting import make_draft, make_due_drafts
from newsletter.actions.editing import Saved, restore_version, update_issue
from newsletter.actions.link_checks import check_links, want_link_checks
from newsletter.actions.people import answer_naming, ask_person, note_answer
from newsletter.actions.pictures import add_picture
from newsletter.actions.sending import cancel_send, send_issue, settle_issues

__all__ = [
    "Saved",
    "add_picture",
    "answer_naming",
    "approve_issue",
    "ask_person",
    "cancel_send",
    "check_links",
    "hold_issue",
    "make_draft",
    "make_due_drafts",
    "note_answer",
    "queue_weekly_digests",
    "restore_version",
    "resume_issue",
    "send_issue",
    "send_test",
    "settle_issues",
    "update_issue",
    "want_link_checks",
]
