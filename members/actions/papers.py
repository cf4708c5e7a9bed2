"""Files of people are kept as long as they are needed, and no file lies where no row knows it."""

from datetime import datetime

from cop.core.keeping_files import sweep
from members.actions.appeals import purge_appeal_files
from members.actions.documents import purge_old_documents
from members.actions.kept_files import drop_old_files

# Of people, so each hour and not only at night (members/files.py).
FOLDERS = ("evidence", "appeals", "imports")


def keep_papers(*, now: datetime) -> None:
    """What has had its time goes: papers, files between two tries, and files of no row."""
    purge_old_documents(now=now)
    purge_appeal_files(now=now)
    drop_old_files(now=now)
    remove_orphans(now=now)


def remove_orphans(*, now: datetime) -> int:
    """Delete files that no row names: what a crash, or a deleted person, left. Safe to repeat."""
    return sweep(now=now, folders=FOLDERS)
