"""Many resources at once: a folder comes in, is looked through, taken over or thrown away."""

import logging
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from cop.core.audit import record
from cop.core.broker import valkey
from cop.core.errors import ActionError
from cop.core.incoming import LostUpload
from cop.core.keeping_files import forget_file
from cop.core.storages import NoRoom
from cop.core.uploads import MEGABYTE
from library.errors import NotNow
from library.importing.folder import Folder
from library.importing.table import read_table
from library.models import LibraryImport, Resource
from members.access import has_role
from members.models import Community, User

State = LibraryImport.State
BUSY = (State.READING, State.RUNNING)
# As it comes over the line; a form takes no more (cop/core/incoming.py, deploy/nginx).
MOST_PACKED = 250 * MEGABYTE
KEPT_FOR = timedelta(days=7)
STUCK_AFTER = timedelta(days=1)
IMPATIENT = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4, "max_retries": 0}
logger = logging.getLogger(__name__)


class ImportRefused(ActionError):
    """The folder is not kept. The text says why."""


def start_import(
    *,
    community: Community,
    file: Any,  # noqa: ANN401  an UploadedFile
    by: User,
    now: datetime,
) -> LibraryImport:
    """Keep the folder and have it looked through."""
    _check_keeper(by, community)
    if isinstance(file, LostUpload):
        raise NoRoom
    if not file.size or file.size > MOST_PACKED:
        raise ImportRefused(_("The ZIP is empty, or larger than 250 MB. Pack it into several."))
    # What a glance shows is said at once; the rest takes a worker.
    read_table(Folder(file))
    file.seek(0)
    with transaction.atomic():
        Community.objects.select_for_update().get(pk=community.pk)
        if LibraryImport.objects.filter(community=community, by=by, state__in=BUSY).exists():
            raise ImportRefused(_("One of yours is being worked on. Wait until it is done."))
        run = LibraryImport(community=community, by=by)
        run.file.save("folder.zip", File(file), save=False)
        run.save(force_insert=True)
        _note("import_started", run, by=by)
        transaction.on_commit(nudge, robust=True)
    return run


def confirm_import(
    *, run: LibraryImport, by: User, publish: bool = False, takes_same: bool = False
) -> int:
    """Take over what was shown as good. `publish`: at once, where nothing is missing.

    Returns how many. A second press changes nothing."""
    _check_keeper(by, run.community)
    with transaction.atomic():
        run = _locked(run)
        if run.state in {State.RUNNING, State.DONE}:
            return sum(bool(row.get("take")) for row in run.rows)
        if run.state != State.READY:
            raise NotNow(_("It is not ready to be taken over. Here is how it stands."))
        wanted = {"good", "same"} if takes_same else {"good"}
        for row in run.rows:
            row["take"] = row["state"] in wanted and ("publish" if publish else "review")
        count = sum(bool(row["take"]) for row in run.rows)
        if not count:
            raise NotNow(_("There is nothing to take over. Mend the table and send it again."))
        run.state, run.by = State.RUNNING, by
        run.save(update_fields=["rows", "state", "by"])
        _note("import_confirmed", run, by=by, new=str(count))
        transaction.on_commit(nudge, robust=True)
    return count


def drop_import(*, run: LibraryImport, by: User) -> None:
    """Nothing is taken over; the folder and what was read of it go."""
    _check_keeper(by, run.community)
    with transaction.atomic():
        found = LibraryImport.objects.select_for_update(of=("self",)).filter(pk=run.pk).first()
        if found is None:
            return
        if found.state == State.RUNNING:
            raise NotNow(_("It is being taken over already. Wait until it is done."))
        _note("import_dropped", found, by=by)
        forget_file(found.file.name)
        found.delete()


def purge_imports(*, now: datetime) -> None:
    """Folders nobody took over within a week go, and those that never end. Safe to repeat."""
    old = LibraryImport.objects.filter(created_at__lt=now - KEPT_FOR)
    for run in old.exclude(file="").order_by("pk"):
        _end(run, now=now, problem=_("Nobody took it over within a week, so the ZIP is deleted."))
    stuck = LibraryImport.objects.filter(created_at__lt=now - STUCK_AFTER, state=State.READING)
    for run in stuck.order_by("pk"):
        _end(run, now=now, problem=say_unreadable())


def fail_import(run: LibraryImport, problem: str, *, now: datetime) -> None:
    _end(run, now=now, problem=problem)


def say_unreadable() -> str:
    return _("We could not read this folder to its end. Pack it again, or into smaller ones.")


def _end(run: LibraryImport, *, now: datetime, problem: str) -> None:
    with transaction.atomic():
        run = _locked(run)
        if run.state in {State.DONE, State.FAILED}:
            return
        forget_file(run.file.name)
        run.state, run.problem, run.file, run.finished_at = State.FAILED, problem[:300], "", now
        run.save(update_fields=["state", "problem", "file", "finished_at"])
        _note("import_failed", run, by=None)


def _locked(run: LibraryImport) -> LibraryImport:
    rows = LibraryImport.objects.select_for_update(of=("self",)).select_related("community")
    found = rows.filter(pk=run.pk).first()
    if found is None:
        raise NotNow(_("It was thrown away already."))
    return found


def _check_keeper(by: User, community: Community) -> None:
    if not has_role(by, community, *Resource.KEEPER_ROLES) and not by.is_superuser:
        raise ActionError(_("Only a librarian or a coordinator does this."))


def _note(action: str, run: LibraryImport, *, by: User | None, **words: str) -> None:
    record(f"library.{action}", run, by=by, scope=run.community.public_id, **words)


def nudge() -> None:
    """Wake a worker. The clock asks every minute anyway."""
    if valkey.is_broken():
        return
    try:
        with Connection(settings.CELERY_BROKER_URL, transport_options=IMPATIENT) as connection:
            current_app.send_task(
                "library.run_imports", expires=3600, connection=connection, retry=False
            )
    except (OperationalError, RedisError, OSError):
        valkey.failed()
        logger.warning("nudge_failed")
    else:
        valkey.worked()
