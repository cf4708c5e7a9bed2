from celery import shared_task

from library.actions import scan_files


@shared_task(name="library.scan_files")
def scan_files_task() -> None:
    """Every minute. A missed or doubled run changes nothing."""
    scan_files()
