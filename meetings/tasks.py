from celery import shared_task

from cop.core.time import database_clock
from meetings.actions import free_seats_of_former, queue_reminders, recheck_timezones


@shared_task(name="meetings.queue_reminders")
def queue_reminders_task() -> None:
    """Every minute. A missed or doubled run changes nothing.

    First the times themselves: after an update of the zone data nobody is reminded an hour off,
    and nobody needs to think of it.
    """
    now = database_clock()()
    recheck_timezones(now=now)
    free_seats_of_former(now=now)
    queue_reminders(now=now)
