from celery import shared_task

from cop.core.time import database_clock
from library.actions import remind_unanswered, scan_files
from library.actions.link_check import check_links
from library.actions.reading import read_waiting_files


@shared_task(name="library.scan_files")
def scan_files_task() -> None:
    """Every minute. A missed or doubled run changes nothing."""
    scan_files()


@shared_task(name="library.remind_unanswered")
def remind_unanswered_task() -> None:
    """Every hour: who was asked a week ago and has not answered, once."""
    remind_unanswered(now=database_clock()())


@shared_task(name="library.read_files")
def read_files_task() -> None:
    """Every minute: the text inside files into the search."""
    read_waiting_files()


@shared_task(name="library.check_links")
def check_links_task() -> None:
    """Every hour some: each link of the library once a week."""
    check_links(now=database_clock()())
