"""What the watchdog asks of a worker (cop/watchdog.py), and the files of all apps."""

import os
from typing import Any

import structlog
from celery import shared_task
from celery.apps.worker import Worker
from celery.signals import celeryd_after_setup, task_prerun
from django.core.cache import cache

from cop.core import pulse
from cop.core.keeping_files import missing_files, sweep
from cop.core.time import database_clock
from cop.health import MISSING_FILES, REMEMBERED

log = structlog.get_logger(__name__)


@shared_task(name="cop.pulse")
def pulse_task() -> None:
    """Nothing: that it runs is the sign of life."""


@shared_task(name="cop.keep_files")
def keep_files_task() -> None:
    """Once a day. A missed or doubled run changes nothing."""
    sweep(now=database_clock()())
    missing = missing_files()
    cache.set(MISSING_FILES, len(missing), REMEMBERED)
    if missing:
        log.error("files_missing", count=len(missing), first=missing[:20])


@task_prerun.connect
def show_life(**_rest: Any) -> None:  # noqa: ANN401  whatever Celery tells besides
    pulse.beat()


@celeryd_after_setup.connect
def listen_to_the_watchdog(instance: Worker, **_rest: Any) -> None:  # noqa: ANN401
    """A queue for this one worker, so that no other can answer in its place."""
    queue = os.environ.get("PULSE_QUEUE")
    if queue:
        instance.app.amqp.queues.select_add(queue)
