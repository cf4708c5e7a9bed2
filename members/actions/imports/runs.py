"""The life of an import: sent, looked through, looked at by a person, taken over or not."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from cop.core import audit
from cop.core.broker import valkey
from cop.core.errors import ActionError
from members.access import has_role
from members.actions.imports.plans import without_names
from members.actions.imports.tables import check_table
from members.models import Community, ImportRun, User

State = ImportRun.State
OPEN = (State.WAITING, State.LOOKING, State.READY, State.RUNNING)
KEPT_FOR = timedelta(hours=24)
# A worker is stopped after 80 s (task_time_limit); a queue may be longer.
SILENT = {State.LOOKING: timedelta(minutes=2), State.WAITING: timedelta(minutes=20)}
IMPATIENT = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4, "max_retries": 0}
logger = logging.getLogger(__name__)


def start_import(
    *,
    community: Community,
    kind: str,
    file: Any,  # noqa: ANN401  an UploadedFile
    by: User,
    now: datetime,
) -> ImportRun:
    """Keep the file for a day at most, and have it looked through. One list at a time."""
    name = check_table(file, kind)
    if not has_role(by, community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    with transaction.atomic():
        Community.objects.select_for_update().get(pk=community.pk)
        for other in ImportRun.objects.filter(community=community, state__in=OPEN).order_by("pk"):
            if has_stopped(other, now=now):
                refuse(other, say_stopped(), now=now)
            else:
                raise ActionError(_say_other(other))
        run = ImportRun(community=community, kind=kind, file_name=name, by=by, started_at=now)
        run.file.save(name, File(file), save=False)
        run.save(force_insert=True)
        scope = community.public_id
        audit.record("import_started", run, by=by, scope=scope, new=kind)
        transaction.on_commit(_nudge, robust=True)
    return run


def confirm_import(
    *,
    run: ImportRun,
    by: User,
    now: datetime,
    choices: Mapping[str, str],
    leaves_out_wrong: bool = False,
    sends_welcome: bool = False,
) -> None:
    """Take it over as it was shown. `choices`: row number -> "new" for what is not the same."""
    if not has_role(by, run.community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    if run.report.get("counts", {}).get("wrong") and not leaves_out_wrong:
        raise ActionError(
            _("Some rows have a mistake. Mend them and send the list again, or leave them out.")
        )
    report = {**run.report, "choices": dict(choices), "welcome": sends_welcome}
    report.pop("note", None)
    with transaction.atomic():
        changed = ImportRun.objects.filter(pk=run.pk, state=State.READY).update(
            state=State.RUNNING, by=by, started_at=now, rows_done=0, report=report
        )
        if not changed:
            raise ActionError(_("Somebody was faster. Here is how it stands."))
        transaction.on_commit(_nudge, robust=True)


def cancel_import(*, run: ImportRun, by: User, now: datetime) -> None:
    """Nothing is taken over, and the file goes."""
    if not has_role(by, run.community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    waiting = (State.WAITING, State.LOOKING, State.READY)
    with transaction.atomic():
        if not _end(run, State.CANCELLED, now=now, only_from=waiting):
            raise ActionError(_("It is being taken over already, or over."))
        scope = run.community.public_id
        audit.record("import_cancelled", run, by=by, scope=scope, new=State.CANCELLED)


def progress_of(run: ImportRun) -> int:
    """How many rows are through. While it is taken over, no other connection sees the rows."""
    told = cache.get(f"import:{run.public_id}", 0) if run.state == State.RUNNING else 0
    return max(run.rows_done, int(told or 0))


def has_stopped(run: ImportRun, *, now: datetime) -> bool:
    """Has the worker died on it? Its transaction went with it, so nothing is half done."""
    if run.state == State.RUNNING:
        if "begun" not in run.report:
            return now - run.started_at > SILENT[State.WAITING]
        if now - run.started_at < timedelta(seconds=10):
            return False
        # A living worker holds the row until its transaction ends; the lock of a dead one is gone.
        with transaction.atomic():
            rows = ImportRun.objects.select_for_update(skip_locked=True, of=("self",))
            return rows.filter(pk=run.pk, state=State.RUNNING).exists()
    patience = SILENT.get(State(run.state))
    return patience is not None and now - run.started_at > patience


def say_stopped() -> str:
    return _("The work stopped on the way. Nothing was taken over: start again.")


def refuse(run: ImportRun, why: str, *, now: datetime) -> bool:
    """Nothing of it is taken over, and the file goes."""
    with transaction.atomic():
        done = _end(run, State.REFUSED, now=now, only_from=OPEN, failure=why)
        if done:
            scope = run.community.public_id
            audit.record("import_refused", run, by=None, scope=scope, new=State.REFUSED)
    return done


def purge_imports(*, now: datetime) -> None:
    """No file stays longer than a day, whatever has happened to its run. Safe to repeat."""
    for run in ImportRun.objects.filter(state__in=OPEN).order_by("pk"):
        if run.state != State.READY and has_stopped(run, now=now):
            refuse(run, say_stopped(), now=now)
        elif run.state == State.READY and now - run.started_at > KEPT_FOR:
            _end(run, State.CANCELLED, now=now, only_from=(State.READY,))
    for run in ImportRun.objects.exclude(file="").exclude(state__in=OPEN).order_by("pk"):
        remove_file(run)
    kept = set(ImportRun.objects.exclude(file="").values_list("file", flat=True))
    try:
        names = default_storage.listdir("imports")[1]
    except FileNotFoundError:
        return
    for name in (f"imports/{one}" for one in names):
        if name not in kept and now - default_storage.get_modified_time(name) > KEPT_FOR:
            default_storage.delete(name)


def end_fields(run: ImportRun) -> dict[str, Any]:
    return {"report": without_names(run.report)}


def remove_file(run: ImportRun) -> None:
    # The name goes last: a death in between leaves it for the next sweep.
    if run.file:
        default_storage.delete(run.file.name)
        ImportRun.objects.filter(pk=run.pk).update(file="")


def _end(
    run: ImportRun, state: str, *, now: datetime, only_from: tuple[str, ...], failure: str = ""
) -> bool:
    ended = ImportRun.objects.filter(pk=run.pk, state__in=only_from).update(
        state=state, ended_at=now, failure=failure, **end_fields(run)
    )
    if ended:
        transaction.on_commit(lambda: remove_file(run), robust=True)
    return bool(ended)


def _say_other(other: ImportRun) -> str:
    if other.state == State.READY:
        text = _(
            "Another list waits for somebody to look at it: “%(name)s”, sent by %(who)s. Take it "
            "over or cancel it first."
        )
    else:
        text = _(
            "Another list is being worked on: “%(name)s”, sent by %(who)s. Wait until it is done."
        )
    return text % {"name": other.file_name, "who": other.by or _("the system")}


def _nudge() -> None:
    """Wake a worker. The clock asks every minute anyway."""
    if valkey.is_broken():
        return
    try:
        broker = Connection(settings.CELERY_BROKER_URL, transport_options=IMPATIENT)
        with broker as connection:
            current_app.send_task(
                "members.run_imports", expires=4 * 3600, connection=connection, retry=False
            )
    except (OperationalError, RedisError, OSError):
        valkey.failed()
        logger.warning("nudge_failed")
    else:
        valkey.worked()
