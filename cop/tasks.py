"""What the watchdog asks of a worker (cop/watchdog.py)."""

import os
from typing import Any

from celery import shared_task
from celery.apps.worker import Worker
from celery.signals import celeryd_after_setup, task_prerun

from cop.core import pulse


@shared_task(name="cop.pulse")
def pulse_task() -> None:
    """Nothing: that it runs is the sign of life."""


@task_prerun.connect
def show_life(**_rest: Any) -> None:  # noqa: ANN401  whatever Celery tells besides
    pulse.beat()


@celeryd_after_setup.connect
def listen_to_the_watchdog(instance: Worker, **_rest: Any) -> None:  # noqa: ANN401
    """A queue for this one worker, so that no other can answer in its place."""
    queue = os.environ.get("PULSE_QUEUE")
    if queue:
        instance.app.amqp.queues.select_add(queue)
