from newsletter.actions.digests import queue_weekly_digests
from newsletter.actions.drafting import make_draft, make_due_drafts
from newsletter.actions.editing import (
    approve_issue,
    hold_issue,
    resume_issue,
    send_test,
    update_issue,
)
from newsletter.actions.sending import cancel_send, send_issue, settle_issues

__all__ = [
    "approve_issue",
    "cancel_send",
    "hold_issue",
    "make_draft",
    "make_due_drafts",
    "queue_weekly_digests",
    "resume_issue",
    "send_issue",
    "send_test",
    "settle_issues",
    "update_issue",
]
