from celery import shared_task

from outbox.actions import send_due

SLICE_SECONDS = 50


@shared_task(name="outbox.send_slice")
def send_slice_task() -> None:
    """Every ten seconds, and after each commit that queued a mail. Two at once share the rows."""
    send_due(seconds=SLICE_SECONDS)
