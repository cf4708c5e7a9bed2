from celery import shared_task

from cop.core.time import database_clock
from newsletter.actions import (
    check_links,
    close_issues,
    make_due_drafts,
    queue_weekly_digests,
    send_scheduled,
    settle_issues,
)


@shared_task(name="newsletter.make_due_drafts")
def make_due_drafts_task() -> None:
    """The hourly look at the newsletters: what is a week old is closed, what is due is drafted."""
    now = database_clock()()
    settle_issues(now=now)
    close_issues(now=now)
    make_due_drafts(now=now)


@shared_task(name="newsletter.send_scheduled")
def send_scheduled_task() -> None:
    """Each minute: what is due leaves, what has left is settled. Safe to repeat."""
    now = database_clock()()
    settle_issues(now=now)
    send_scheduled(now=now)


@shared_task(name="newsletter.queue_weekly_digests")
def queue_weekly_digests_task() -> None:
    """Every five minutes: in some zone it may be Tuesday, nine o'clock. Safe to repeat."""
    queue_weekly_digests(now=database_clock()())


@shared_task(name="newsletter.check_links")
def check_links_task() -> None:
    """Every minute: the links of issues that somebody looks through. Safe to repeat."""
    check_links(now=database_clock()())
