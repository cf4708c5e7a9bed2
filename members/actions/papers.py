"""Files of people are kept as long as they are needed, and no file lies where no row knows it."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.files.storage import default_storage

from members.actions.appeals import purge_appeal_files
from members.actions.documents import purge_old_documents
from members.actions.kept_files import drop_old_files
from members.models import AppealFile, Evidence, ImportRun

log = structlog.get_logger(__name__)
# Folder -> whose files lie there (members/files.py).
FOLDERS: dict[str, tuple[type[Any], str]] = {
    "evidence": (Evidence, "document"),
    "appeals": (AppealFile, "document"),
    "imports": (ImportRun, "file"),
}
# A file stands there before its row does, for as long as one request lasts.
ROW_COMES_WITHIN = timedelta(days=1)
# So many at once, and more than are known, are rather the files of another database.
TOO_MANY = 50


def keep_papers(*, now: datetime) -> None:
    """What has had its time goes: papers, files between two tries, and files of no row."""
    purge_old_documents(now=now)
    purge_appeal_files(now=now)
    drop_old_files(now=now)
    remove_orphans(now=now)


def remove_orphans(*, now: datetime) -> int:
    """Delete files that no row names: what a crash, or a deleted person, left. Safe to repeat."""
    removed = 0
    for folder, (model, field) in FOLDERS.items():
        # Files first: whose row comes in between is not taken for an orphan.
        paths = _files_in(folder)
        known = set(model.objects.exclude(**{field: ""}).values_list(field, flat=True))
        orphans = [path for path in paths if path not in known and _is_old(path, now)]
        if len(orphans) > max(TOO_MANY, len(known)):
            log.error("orphan_files_left", folder=folder, count=len(orphans))
            continue
        for path in orphans:
            default_storage.delete(path)
        removed += len(orphans)
    if removed:
        log.warning("orphan_files_removed", count=removed)
    return removed


def _files_in(folder: str) -> list[str]:
    if not default_storage.exists(folder):
        return []
    return [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]


def _is_old(path: str, now: datetime) -> bool:
    try:
        return bool(default_storage.get_modified_time(path) < now - ROW_COMES_WITHIN)
    except FileNotFoundError:
        return False
