from celery import shared_task
from django.utils import timezone

from newsletter.actions import make_due_drafts, settle_issues


@shared_task(name="newsletter.make_due_drafts")
def make_due_drafts_task() -> None:
    """The hourly look at the newsletters: what has left is settled, what is due is drafted."""
    now = timezone.now()
    settle_issues(now=now)
    make_due_drafts(now=now)
