import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection

from cop.checks import database_zone_data_is_current, python_zone_data_is_current
from outbox.queries import mail_ages

# Seconds. Older than this, a person should look.
OLDEST_DUE_LIMIT = 300
# A slice of mail takes up to 50 s, and the next tick comes within 10 s.
TICK_LIMIT = 65
DISK_FLOOR = 500 * 1024 * 1024
# How many rows name a file that is not there, as of last night (cop/tasks.py). Two nights long.
MISSING_FILES, REMEMBERED = "missing_files", 50 * 3600


def health_report(*, now: datetime) -> dict[str, Any]:
    """Ages in seconds instead of promises. `ok` decides between 200 and 503; `attention` does not.

    A standing worker makes `attention`, not 503: the site itself still serves its pages.
    """
    try:
        ages = mail_ages(now=now)
        zone_data = python_zone_data_is_current() and database_zone_data_is_current()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return {"ok": False, "attention": ["database"]}
    free = shutil.disk_usage(_existing(Path(settings.MEDIA_ROOT))).free
    missing = cache.get(MISSING_FILES)
    attention = [
        name
        for name, bad in {
            "tick": ages["last_tick_s"] is None or ages["last_tick_s"] > TICK_LIMIT,
            "mail": (ages["oldest_due_s"] or 0) > OLDEST_DUE_LIMIT,
            "disk": free < DISK_FLOOR,
            "files": bool(missing),
            "zone_data": not zone_data,
        }.items()
        if bad
    ]
    return {
        "ok": zone_data,
        "attention": attention,
        **ages,
        "disk_free_mb": free // 1024**2,
        "missing_files": missing,
        "zone_data_current": zone_data,
    }


def _existing(path: Path) -> Path:
    """The disk of a folder that the first upload will make."""
    return next(one for one in (path, *path.parents) if one.exists())
