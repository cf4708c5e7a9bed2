from celery import shared_task
from celery.worker import state

from cop.core.time import database_clock
from outbox.actions import purge_old_mail, reconcile_mail, send_due

SLICE_SECONDS = 50


@shared_task(name="outbox.send_slice")
def send_slice_task() -> None:
    """Every ten seconds, and after each commit that queued a mail. Two at once share the rows.

    A worker that is told to stop ends the slice after the mail it has in hand.
    """
    send_due(seconds=SLICE_SECONDS, stop=_is_stopping)


def _is_stopping() -> bool:
    """celery's own words: None or False while it works, an exit code when it should stop."""
    return any(word not in (None, False) for word in (state.should_stop, state.should_terminate))


@shared_task(name="outbox.keep_order")
def keep_order_task() -> None:
    """Every hour: wipe what is old, and see whether all counts add up."""
    now = database_clock()()
    purge_old_mail(now=now)
    reconcile_mail(now=now)
