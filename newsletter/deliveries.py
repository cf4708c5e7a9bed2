"""The mails of one sending of an issue."""

from django.db.models import QuerySet

from newsletter.models import NewsletterIssue
from outbox.models import Delivery, MailBatch


def batch_prefix(issue: NewsletterIssue) -> str:
    """The beginning of the keys of all mail of this sending. A new version may be sent again."""
    return f"newsletter:{issue.public_id}:{issue.version}:"


def batches_of(issue: NewsletterIssue) -> QuerySet[MailBatch]:
    """One for each edition, without their texts."""
    return MailBatch.objects.filter(key__startswith=batch_prefix(issue)).defer("contents")


def deliveries_of(issue: NewsletterIssue) -> QuerySet[Delivery]:
    return Delivery.objects.filter(batch__key__startswith=batch_prefix(issue))


def was_taken_back(issue: NewsletterIssue) -> bool:
    """Did somebody stop a sending of this issue before anything left? Then only people send it."""
    rows = MailBatch.objects.filter(key__startswith=f"newsletter:{issue.public_id}:")
    return rows.filter(state=MailBatch.State.CANCELLED, reason="taken back").exists()
