from celery import shared_task

from cop.core.time import database_clock
from meetings.actions.keeping import keep_meetings
from meetings.actions.replies import read_replies


@shared_task(name="meetings.queue_reminders")
def queue_reminders_task() -> None:
    """Every minute: reminders, and all else that has its time. A missed run changes nothing."""
    keep_meetings(now=database_clock()())


@shared_task(name="meetings.read_replies")
def read_replies_task() -> None:
    """Every two minutes, where a mailbox is configured: who accepted or declined in a calendar."""
    read_replies(now=database_clock()())
