"""Waking a sender early. Beat's tick is the guarantee; this may fail and nothing is lost."""

import logging

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from cop.core.broker import valkey

logger = logging.getLogger(__name__)
IMPATIENT = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4, "max_retries": 0}


def nudge_sender() -> None:
    """After commit, ask a worker to look now. Half a second at most, then silence for 30 s.

    Once for each transaction, however many mails it queued.
    """
    waiting = connection.run_on_commit
    if not any(call is _publish for _savepoints, call, *_rest in waiting):
        transaction.on_commit(_publish, robust=True)


def _publish() -> None:
    if valkey.is_broken():
        return
    try:
        # A connection of its own, more impatient than a worker's: a visitor waits behind it.
        with Connection(settings.CELERY_BROKER_URL, transport_options=IMPATIENT) as broker:
            current_app.send_task(
                "outbox.send_slice",
                queue="mail",
                # Not seconds: the clock of the worker's host may be wrong (F41).
                expires=4 * 3600,
                connection=broker,
                retry=False,
            )
    except (OperationalError, RedisError, OSError):
        valkey.failed()
        logger.warning("nudge_failed")
    else:
        valkey.worked()
