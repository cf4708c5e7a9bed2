from celery import shared_task
from celery.worker import state

from cop.core.time import database_clock
from outbox.actions import purge_old_mail, reconcile_mail, send_due
from outbox.actions.returned import read_bounce_mailbox
from outbox.actions.signup import purge_pending

SLICE_SECONDS = 50


@shared_task(name="outbox.send_slice")
def send_slice_task() -> None:
    """Every ten seconds, and after each commit that queued a mail. Two at once share the rows.

    A worker that is told to stop ends the slice after the mail it has in hand.
    """
    send_due(seconds=SLICE_SECONDS, stop=_is_stopping)


def _is_stopping() -> bool:
    """celery's own words: None or False while it works, an exit code when it should stop."""
    words = (state.should_stop, state.should_terminate)
    # By identity: the exit code of a good end is 0, and 0 == False.
    return any(word is not None and word is not False for word in words)


@shared_task(name="outbox.keep_order")
def keep_order_task() -> None:
    """Every hour: wipe what is old, and see whether all counts add up."""
    now = database_clock()()
    purge_old_mail(now=now)
    purge_pending(now=now)
    reconcile_mail(now=now)


@shared_task(name="outbox.read_bounce_mailbox")
def read_bounce_mailbox_task() -> None:
    """Every five minutes, where a mailbox is configured: what came back."""
    read_bounce_mailbox(now=database_clock()())
