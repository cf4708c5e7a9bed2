"""While an issue is being sent: pause, go on, or let the rest be."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.models import User
from newsletter.actions.sending import State, record
from newsletter.deliveries import batch_prefix, batches_of, deliveries_of
from newsletter.models import NewsletterIssue
from newsletter.rules import check_editor
from outbox.actions import cancel_mail, hold_mail, release_mail
from outbox.models import Delivery, MailBatch

WAITING = (Delivery.State.QUEUED, Delivery.State.CLAIMED, Delivery.State.PAUSED)


def _sending(issue: NewsletterIssue, by: User) -> NewsletterIssue:
    """The issue under its lock. Raises ActionError where it is not being sent."""
    rows = NewsletterIssue.objects.select_related("community").select_for_update(of=("self",))
    issue = rows.get(pk=issue.pk)
    check_editor(by, issue.community)
    if issue.state != State.SENDING:
        raise ActionError(
            _("This issue is not being sent at the moment. Load the page again to see its state.")
        )
    return issue


@transaction.atomic
def pause_sending(*, issue: NewsletterIssue, by: User, now: datetime, reason: str = "") -> int:
    """Nothing more leaves until somebody goes on. Returns how many mails wait.

    A mail that is on the line at this moment still arrives.
    """
    issue = _sending(issue, by)
    running = batches_of(issue).filter(state=MailBatch.State.SENDING)
    if not running.exists():
        raise ActionError(_("It is paused already."))
    count = hold_mail(
        scope=issue.community.public_id, prefix=batch_prefix(issue), by=by, now=now, about=issue
    )
    if reason:
        batches_of(issue).filter(state=MailBatch.State.PAUSED).update(reason=reason[:200])
    return count


@transaction.atomic
def resume_sending(*, issue: NewsletterIssue, by: User, now: datetime) -> int:
    """Go on with whoever has not got it yet. Returns how many mails wait."""
    issue = _sending(issue, by)
    return release_mail(
        scope=issue.community.public_id, prefix=batch_prefix(issue), by=by, now=now, about=issue
    )


@transaction.atomic
def stop_sending(*, issue: NewsletterIssue, by: User, now: datetime) -> int:
    """Whoever has not got it yet never will; it counts as sent. Returns how many that are."""
    issue = _sending(issue, by)
    if issue.sent_at > now:
        raise ActionError(_("Nothing has left yet, so take the sending back instead."))
    count = cancel_mail(
        scope=issue.community.public_id, prefix=batch_prefix(issue), by=by, now=now, about=issue
    )
    issue.state = State.SENT
    issue.save(update_fields=["state"])
    record(issue, "issue_stopped", by=by, old=State.SENDING, reason=str(count))
    return count


def settle_issues(*, now: datetime) -> int:
    """Sent when no mail waits any more. Returns how many. Safe to repeat."""
    rows = NewsletterIssue.objects.select_related("community")
    return sum(
        _settle(issue)
        for issue in rows.filter(state=State.SENDING, sent_at__lte=now)
        if not deliveries_of(issue).filter(state__in=WAITING).exists()
    )


@transaction.atomic
def _settle(issue: NewsletterIssue) -> int:
    rows = NewsletterIssue.objects.filter(pk=issue.pk, state=State.SENDING, version=issue.version)
    moved = rows.update(state=State.SENT)
    if moved:
        issue.state = State.SENT
        record(issue, "issue_settled", by=None, old=State.SENDING)
    return moved
