from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.models import User
from newsletter.actions.drafting import turn_past_meetings
from newsletter.emails import issue_email
from newsletter.models import NewsletterIssue
from newsletter.queries import EDITIONS, blocks_for
from newsletter.recipients import find_readers
from newsletter.rules import MAX_BYTES, check_can_leave, check_editor, check_no_secret_link
from outbox.actions import cancel_deliveries, find_mailing_list, queue_batch
from outbox.models import Delivery, MailBatch, MailingList, Subscription

State = NewsletterIssue.State
UNDO = timedelta(minutes=5)
CLOSES_AFTER = timedelta(days=7)


def batch_prefix(issue: NewsletterIssue) -> str:
    """The beginning of the keys of all mail of this sending. A new version may be sent again."""
    return f"newsletter:{issue.public_id}:{issue.version}:"


def deliveries_of(issue: NewsletterIssue) -> QuerySet[Delivery]:
    return Delivery.objects.filter(batch__key__startswith=batch_prefix(issue))


@transaction.atomic
def send_issue(*, issue: NewsletterIssue, by: User, now: datetime, confirmed: bool = False) -> int:
    """Freeze recipients and text, and let the mail leave in five minutes. Returns how many.

    `confirmed`: send it although it holds fewer than three items (N9).
    """
    issue = NewsletterIssue.objects.select_related("community").get(pk=issue.pk)
    check_editor(by, issue.community)
    _take(issue, sent_at=now + UNDO)
    turn_past_meetings(issue, now=now)
    check_can_leave(issue, item_count=len(blocks_for(issue, EDITIONS)), confirmed=confirmed)
    check_no_secret_link(_texts(issue), issue.community)
    readers = find_readers(issue.community, now=now)
    if not readers.total:
        raise ActionError(
            _("Nobody has asked for this newsletter yet, so there is nobody to send it to.")
        )
    for edition, recipients in readers.recipients.items():
        _queue_edition(issue, edition, recipients, now=now)
    _record(issue, "issue_sent", by=by, old=State.APPROVED, reason=str(readers.total))
    return readers.total


def _take(issue: NewsletterIssue, *, sent_at: datetime) -> None:
    """Of two clicks one changes the row; the other waits for it, finds nothing and stops."""
    mine = NewsletterIssue.objects.filter(pk=issue.pk, state=State.APPROVED, version=issue.version)
    if not mine.update(state=State.SENDING, sent_at=sent_at):
        raise ActionError(
            _("Only an approved issue can be sent. This one may be on its way already.")
        )
    issue.state, issue.sent_at = State.SENDING, sent_at


def _record(
    issue: NewsletterIssue, action: str, *, by: User | None, old: str, reason: str = ""
) -> None:
    scope = issue.community.public_id
    audit.record(action, issue, by=by, scope=scope, old=old, new=issue.state, reason=reason)


def _texts(issue: NewsletterIssue) -> list[str]:
    parts = issue.items.filter(is_included=True).values_list("title", "text", "path")
    return [issue.subject, issue.intro, *(text for part in parts for text in part)]


def _queue_edition(
    issue: NewsletterIssue, edition: str, recipients: QuerySet[Subscription], *, now: datetime
) -> None:
    if not recipients.exists():
        return
    contents = {}
    for language, _name in settings.LANGUAGES:
        email = issue_email(issue, edition, language)
        if len(email.html.encode()) > MAX_BYTES:
            raise ActionError(
                _(
                    "This issue is so long that mail programs would cut it off. Take some items "
                    "out, or make texts shorter."
                )
            )
        contents[language] = {
            "subject": email.subject,
            "text": email.text,
            "html": email.html,
            # What the weekly digest says of it, where it takes the place of this mail.
            "digest_title": issue.subject,
            "digest_path": issue.get_absolute_url(),
        }
    community = issue.community
    queue_batch(
        key=f"{batch_prefix(issue)}{edition}",
        kind="newsletter",
        mailing_list=find_mailing_list(community.public_id, MailingList.Kind.NEWSLETTER),
        contents=contents,
        recipients=recipients,
        now=now,
        due_at=issue.sent_at,
        reply_to=community.contact_email,
    )


@transaction.atomic
def cancel_send(*, issue: NewsletterIssue, by: User, now: datetime) -> None:
    """Take the sending back before the first mail leaves. The issue is approved again."""
    rows = NewsletterIssue.objects.select_related("community").select_for_update(of=("self",))
    issue = rows.get(pk=issue.pk)
    check_editor(by, issue.community)
    if issue.state == State.APPROVED:
        raise ActionError(_("It has been taken back already. Nothing has left."))
    if issue.state != State.SENDING or issue.sent_at <= now or not _stop_mail(issue, now=now):
        raise ActionError(
            _(
                "It is too late to take this back: the first mails have left. Corrections go out "
                "as a new mail."
            )
        )
    issue.state, issue.sent_at, issue.version = State.APPROVED, None, issue.version + 1
    issue.save(update_fields=["state", "sent_at", "version"])
    _record(issue, "issue_send_cancelled", by=by, old=State.SENDING)


def _stop_mail(issue: NewsletterIssue, *, now: datetime) -> bool:
    """Cancel what waits. False if a mail has begun to leave."""
    prefix = batch_prefix(issue)
    MailBatch.objects.filter(key__startswith=prefix).update(
        state=MailBatch.State.CANCELLED, reason="taken back"
    )
    cancel_deliveries(prefix=prefix, reason="taken back", now=now)
    begun = [Delivery.State.CLAIMED, Delivery.State.SENT, Delivery.State.UNCERTAIN]
    return not deliveries_of(issue).filter(state__in=begun).exists()


def settle_issues(*, now: datetime) -> int:
    """Sent when no mail waits any more, closed a week later. Safe to repeat."""
    settled = 0
    issues = NewsletterIssue.objects.select_related("community")
    for issue in issues.filter(state=State.SENDING, sent_at__lte=now):
        running = [Delivery.State.QUEUED, Delivery.State.CLAIMED, Delivery.State.PAUSED]
        if not deliveries_of(issue).filter(state__in=running).exists():
            settled += _move(issue, State.SENT)
    for issue in issues.filter(state=State.SENT, sent_at__lte=now - CLOSES_AFTER):
        settled += _move(issue, State.CLOSED)
    return settled


@transaction.atomic
def _move(issue: NewsletterIssue, state: str) -> int:
    old = issue.state
    moved = NewsletterIssue.objects.filter(pk=issue.pk, state=old).update(state=state)
    if moved:
        issue.state = state
        _record(issue, "issue_settled", by=None, old=old)
    return moved
