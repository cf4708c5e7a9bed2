from celery import shared_task

from cop.core.time import database_clock
from library.actions import find_due, remind_of_reviews, remind_unanswered, scan_files
from library.actions.importing import run_imports
from library.actions.imports import purge_imports
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


@shared_task(name="library.find_due")
def find_due_task() -> None:
    """Every hour: reviews that are due, recordings whose time is over, one mail a month."""
    now = database_clock()()
    find_due(now=now)
    remind_of_reviews(now=now)


@shared_task(name="library.run_imports")
def run_imports_task() -> None:
    """Every minute, and at once when a folder comes in. A doubled run takes nothing twice."""
    run_imports(now=database_clock()())


@shared_task(name="library.purge_imports")
def purge_imports_task() -> None:
    """Every hour: folders that nobody took over within a week."""
    purge_imports(now=database_clock()())
