from celery import shared_task

from cop.core.time import database_clock
from members.actions import keep_standing, purge_old_documents, scan_documents


@shared_task(name="members.purge_old_documents")
def purge_old_documents_task() -> None:
    """Once an hour. A missed or doubled run changes nothing."""
    purge_old_documents(now=database_clock()())


@shared_task(name="members.scan_documents")
def scan_documents_task() -> None:
    """Once a minute, where a malware scanner is configured."""
    scan_documents()


@shared_task(name="members.keep_standing")
def keep_standing_task() -> None:
    """Every quarter of an hour: whatever has a day. A missed or doubled run changes nothing."""
    keep_standing(now=database_clock()())
