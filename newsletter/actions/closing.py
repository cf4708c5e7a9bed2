"""A week after it left an issue is closed: its numbers are kept as they stand, and told."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.models import User
from newsletter.actions.sending import State, record
from newsletter.editor_mail import queue_report
from newsletter.models import NewsletterIssue
from newsletter.recipients import editors_of
from newsletter.reports import COUNTS_FOR, report_of
from newsletter.rules import check_editor

logger = logging.getLogger(__name__)
# More than that is a slip of the keys.
MOST_REPLIES = 100_000
# The clock may have stood still; the report of an issue of last year is no news any more.
NEWS_FOR = timedelta(days=30)


def close_issues(*, now: datetime) -> int:
    """Returns how many were closed. Safe to repeat."""
    closed = 0
    rows = NewsletterIssue.objects.filter(state=State.SENT, sent_at__lte=now - COUNTS_FOR)
    for issue in rows.select_related("community").order_by("sent_at", "pk"):
        try:
            closed += close_issue(issue=issue, now=now)
        except Exception:  # one issue's trouble must not stop the others
            logger.exception("issue_not_closed", extra={"issue": issue.public_id})
    return closed


@transaction.atomic
def close_issue(*, issue: NewsletterIssue, now: datetime) -> bool:
    """Freeze the report and tell editors and coordinators. False: it was closed already."""
    rows = NewsletterIssue.objects.select_related("community").select_for_update(of=("self",))
    issue = rows.get(pk=issue.pk)
    if issue.state != State.SENT or issue.sent_at > now - COUNTS_FOR:
        return False
    report = report_of(issue, now=now)
    issue.report, issue.state = report, State.CLOSED
    issue.save(update_fields=["report", "state"])
    record(issue, "issue_closed", by=None, old=State.SENT)
    if issue.recipients_then is None and issue.sent_at > now - NEWS_FOR:
        for person in editors_of(issue.community, on=now.date()):
            queue_report(issue, person, report=report)
    return True


@transaction.atomic
def note_replies(*, issue: NewsletterIssue, count: int, by: User) -> None:
    """How many answers came to the community's own mailbox, which no machine reads."""
    rows = NewsletterIssue.objects.select_related("community").select_for_update(of=("self",))
    issue = rows.get(pk=issue.pk)
    check_editor(by, issue.community)
    if issue.state not in issue.LEFT:
        raise ActionError(_("It has not left yet, so nobody can have answered."))
    if not 0 <= count <= MOST_REPLIES:
        raise ActionError(_("Write a number, as you counted them."))
    if issue.replies != count:
        issue.replies = count
        issue.save(update_fields=["replies"])
        record(issue, "issue_replies_noted", by=by, old=issue.state)
