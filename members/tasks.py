from celery import shared_task

from cop.core.time import database_clock
from members.actions import keep_standing, scan_documents
from members.actions.appeals import scan_appeal_files
from members.actions.imports import purge_imports, run_imports


@shared_task(name="members.scan_documents")
def scan_documents_task() -> None:
    """Once a minute, where a malware scanner is configured."""
    scan_documents()
    scan_appeal_files()


@shared_task(name="members.keep_standing")
def keep_standing_task() -> None:
    """Every quarter of an hour: whatever has a day. A missed or doubled run changes nothing."""
    keep_standing(now=database_clock()())


@shared_task(name="members.run_imports")
def run_imports_task() -> None:
    """Once a minute, and at once when a list has come in."""
    run_imports(now=database_clock()())


@shared_task(name="members.purge_imports")
def purge_imports_task() -> None:
    """Once an hour. A missed or doubled run changes nothing."""
    purge_imports(now=database_clock()())
