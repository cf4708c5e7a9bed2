"""The clock. It holds the whole timetable; beat runs in UTC and every tick may run twice."""

import os
from datetime import UTC, datetime, timedelta
from time import monotonic

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.settings")

from celery import Celery
from celery.schedules import schedule
from celery.signals import beat_init, worker_init
from django.conf import settings

from cop.core.time import refuse_old_zone_data

_BEGAN = datetime.now(UTC), monotonic()


def steady_now() -> datetime:
    """When this process began, and how long ago that is: a clock that never jumps."""
    return _BEGAN[0] + timedelta(seconds=monotonic() - _BEGAN[1])


class Every(schedule):
    """So many seconds. Beat goes on, whatever the clock on the wall does meanwhile (F41)."""

    def __init__(self, seconds: float | timedelta, *_rest: object) -> None:
        super().__init__(seconds, nowfun=steady_now)

    def remaining_estimate(self, last_run_at: datetime) -> timedelta:
        # Beat keeps its times on disk: a clock that was ahead may have written this one.
        if self.maybe_make_aware(last_run_at) > self.now():
            return timedelta()
        return super().remaining_estimate(last_run_at)


# Seconds that a tick may wait. In hours: a worker whose clock is wrong would throw all of its ticks
# away as stale (F41), and one that comes late to many finds nothing due and is through in a moment.
LIVES = 4 * 3600
app = Celery("cop")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    enable_utc=True,
    # A task of a dead worker is not handed out again: the next tick finds the row.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    # Shorter than the patience of the watchdog (cop/watchdog.py).
    task_time_limit=80,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 0.5,
    },
    task_publish_retry=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0.1},
    worker_hijack_root_logger=False,
    # Processes of their own: no other work stands in the way of a sign-in code.
    task_routes={"outbox.send_slice": {"queue": "mail"}},
    beat_schedule={
        "send": {
            "task": "outbox.send_slice",
            "schedule": Every(10),
            "options": {"expires": LIVES},
        },
        "reminders": {
            "task": "meetings.queue_reminders",
            "schedule": Every(60),
            "options": {"expires": LIVES},
        },
        "drafts": {
            "task": "newsletter.make_due_drafts",
            "schedule": Every(3600),
            "options": {"expires": LIVES},
        },
        "scheduled-issues": {
            "task": "newsletter.send_scheduled",
            "schedule": Every(60),
            "options": {"expires": LIVES},
        },
        "weekly-digests": {
            "task": "newsletter.queue_weekly_digests",
            "schedule": Every(300),
            "options": {"expires": LIVES},
        },
        "newsletter-links": {
            "task": "newsletter.check_links",
            "schedule": Every(60),
            "options": {"expires": LIVES},
        },
        "scan-library": {
            "task": "library.scan_files",
            "schedule": Every(60),
            "options": {"expires": LIVES},
        },
        "consent-reminders": {
            "task": "library.remind_unanswered",
            "schedule": Every(3600),
            "options": {"expires": LIVES},
        },
        "read-library": {
            "task": "library.read_files",
            "schedule": Every(60),
            "options": {"expires": LIVES},
        },
        "library-reviews": {
            "task": "library.find_due",
            "schedule": Every(3600),
            "options": {"expires": LIVES},
        },
        "library-imports": {
            "task": "library.run_imports",
            "schedule": Every(60),
            "options": {"expires": LIVES},
        },
        "old-library-imports": {
            "task": "library.purge_imports",
            "schedule": Every(3600),
            "options": {"expires": LIVES},
        },
        "check-links": {
            "task": "library.check_links",
            "schedule": Every(3600),
            "options": {"expires": LIVES},
        },
        "scan-documents": {
            "task": "members.scan_documents",
            "schedule": Every(60),
            "options": {"expires": LIVES},
        },
        "keep-files": {
            "task": "cop.keep_files",
            "schedule": Every(24 * 3600),
            "options": {"expires": LIVES},
        },
        "mail-order": {
            "task": "outbox.keep_order",
            "schedule": Every(3600),
            "options": {"expires": LIVES},
        },
        "returned-mail": {
            "task": "outbox.read_bounce_mailbox",
            "schedule": Every(300),
            "options": {"expires": LIVES},
        },
        "calendar-replies": {
            "task": "meetings.read_replies",
            "schedule": Every(120),
            "options": {"expires": LIVES},
        },
        "standing": {
            "task": "members.keep_standing",
            "schedule": Every(900),
            "options": {"expires": LIVES},
        },
        "imports": {
            "task": "members.run_imports",
            "schedule": Every(60),
            "options": {"expires": LIVES},
        },
        "old-imports": {
            "task": "members.purge_imports",
            "schedule": Every(3600),
            "options": {"expires": LIVES},
        },
    },
)
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def _look_at_the_zone_data(**_about: object) -> None:
    """manage.py checks it at each start; these two would start without."""
    refuse_old_zone_data()
