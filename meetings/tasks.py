from celery import shared_task
from django.utils import timezone

from meetings.actions import queue_reminders


@shared_task(name="meetings.queue_reminders")
def queue_reminders_task() -> None:
    """Every minute. A missed or doubled run changes nothing."""
    queue_reminders(now=timezone.now())
