"""Waking a sender early. Beat's tick is the guarantee; this may fail and nothing is lost."""

import logging
import time

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
CIRCUIT_SECONDS = 30
_closed_until = 0.0


def nudge_sender() -> None:
    """After commit, ask a worker to look now. Half a second at most, then silence for 30 s."""
    transaction.on_commit(_publish, robust=True)


def _publish() -> None:
    global _closed_until
    if time.monotonic() < _closed_until:
        return
    try:
        current_app.send_task("outbox.send_slice", queue="mail", expires=10)
    except (OperationalError, OSError):
        _closed_until = time.monotonic() + CIRCUIT_SECONDS
        logger.warning("nudge_failed")
