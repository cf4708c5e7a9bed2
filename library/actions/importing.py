"""What a worker does with a folder: looks through it, then takes it over, twenty lines at a time.

Each slice is one transaction with the lock of its import: a worker that dies loses its slice and
nothing else, and the next one goes on where it stood. No line is taken over twice.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from time import monotonic

from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from cop.core.keeping_files import forget_file
from cop.core.storages import NoRoom, StorageAway
from library.actions.contents import attach, minutes_of
from library.actions.imports import BUSY, fail_import, nudge, say_unreadable
from library.actions.indexing import reindex
from library.actions.resources import note, publish_resource
from library.errors import Incomplete
from library.importing.folder import Folder, FolderRefused
from library.importing.looking import Looker, Row
from library.importing.plans import Plan, plan_line, streams_of
from library.importing.table import Line, read_table
from library.models import LibraryImport, Resource

State = LibraryImport.State
SLICE = 20
# A worker is stopped after 80 s (task_time_limit). A slice stops early when its files are large.
SECONDS, SECONDS_A_SLICE = 40.0, 12.0
# Then the next tick goes on; no line is lost to it.
AWAY = (OperationalError, InterfaceError, StorageAway, NoRoom)
logger = logging.getLogger(__name__)


def run_imports(*, now: datetime, seconds: float = SECONDS) -> None:
    """What waits for a worker. Safe to run twice at once, and again after a crash."""
    until = monotonic() + seconds
    busy = LibraryImport.objects.filter(state__in=BUSY).order_by("pk")
    for run in busy.select_related("community", "by").defer("rows"):
        language = run.by.language if run.by else "en"
        with translation.override(language):
            try:
                _work_on(run, now=now, until=until)
            except AWAY:
                raise
            except ActionError as error:
                fail_import(run, str(error), now=now)
            except Exception:
                logger.exception("import_broke", extra={"import": run.pk})
                fail_import(run, say_unreadable(), now=now)
    if monotonic() >= until and LibraryImport.objects.filter(state__in=BUSY).exists():
        nudge()


def _work_on(run: LibraryImport, *, now: datetime, until: float) -> None:
    with run.file.open("rb") as file:
        work = _Work(run, Folder(file), now=now)
        while monotonic() < until and work.go_on():
            pass


class _Work:
    """One folder, open."""

    def __init__(self, run: LibraryImport, folder: Folder, *, now: datetime) -> None:
        self.key, self.community, self.folder, self.now = run.pk, run.community, folder, now
        table = read_table(folder)
        self.lines = {line.number: line for line in table.lines}
        self.unknown = table.unknown
        self.streams = streams_of(run.community)

    def go_on(self) -> bool:
        """One slice. False where nothing is left, or somebody else is at it."""
        with transaction.atomic():
            rows = LibraryImport.objects.select_for_update(skip_locked=True, of=("self",))
            run = rows.select_related("by").filter(pk=self.key, state__in=BUSY).first()
            if run is None:
                return False
            run.community = self.community
            step = self._look if run.state == State.READING else self._take
            return step(run)

    def _look(self, run: LibraryImport) -> bool:
        if not run.rows:
            run.rows = [{"n": number, "state": ""} for number in self.lines]
            if not run.rows:
                raise FolderRefused(_("There is nothing in it that could be taken over."))
            words = ", ".join(self.unknown)
            text = _("We do not know these columns and leave them out: %(words)s")
            run.problem = (text % {"words": words})[:300] if words else ""
        waiting = [row for row in run.rows if not row["state"]]
        Looker(self.community, self.folder, run.rows).look(self._slice(waiting))
        if all(row["state"] for row in run.rows):
            run.state = State.READY
        run.save(update_fields=["rows", "state", "problem"])
        return run.state == State.READING

    def _take(self, run: LibraryImport) -> bool:
        for row, plan in self._slice([row for row in run.rows if is_left(row)]):
            self._take_row(run, row, plan)
        if not any(map(is_left, run.rows)):
            # The folder goes with the line that says so.
            forget_file(run.file.name)
            run.state, run.finished_at, run.file = State.DONE, self.now, ""
            done = sum(bool(row.get("id")) for row in run.rows)
            scope = self.community.public_id
            record("library.import_done", run, by=run.by, scope=scope, new=str(done))
        run.save(update_fields=["rows", "state", "finished_at", "file"])
        return run.state == State.RUNNING

    def _take_row(self, run: LibraryImport, row: Row, plan: Plan) -> None:
        """Marks the line in the transaction that keeps its resource."""
        try:
            with transaction.atomic():
                resource = self._keep(run, plan)
            row["id"] = resource.public_id
        except AWAY:
            raise
        except ActionError as error:
            row["failed"] = str(error)[:300]
            return
        except Exception:
            logger.exception("import_row_broke", extra={"import": run.pk, "row": row["n"]})
            row["failed"] = _("Something went wrong here. Add it by hand.")
            return
        if row["take"] == "publish":
            self._publish(run, row, resource)

    def _keep(self, run: LibraryImport, plan: Plan) -> Resource:
        if plan.problems:
            raise Incomplete(" ".join(plan.problems))
        values = dict(plan.values)
        resource = Resource(community=self.community, submitted_by=run.by, **values)
        upload = self.folder.checked(plan.packed) if plan.packed else None
        attach(resource, upload)
        resource.reading_minutes = resource.reading_minutes or minutes_of(resource.body)
        resource.save(force_insert=True)
        if upload:
            upload.content_file.close()
        reindex(resource)
        note("resource_submitted", resource, by=run.by, new=resource.state)
        return resource

    def _publish(self, run: LibraryImport, row: Row, resource: Resource) -> None:
        """Where nothing is missing; else it waits, and the report says for what."""
        try:
            if row["guessed"] or run.by is None:
                raise Incomplete(_("Kind, rights or summary were not said."))
            with transaction.atomic():
                publish_resource(resource=resource, by=run.by, now=self.now)
        except ActionError as error:
            row["waits"] = str(error)[:300]
        else:
            row["out"] = True

    def _slice(self, rows: list[Row]) -> Iterator[tuple[Row, Plan]]:
        started = monotonic()
        for row in rows[:SLICE]:
            yield row, self._plan(self.lines[row["n"]])
            if monotonic() - started > SECONDS_A_SLICE:
                return

    def _plan(self, line: Line) -> Plan:
        language = self.community.languages[0] if self.community.languages else "en"
        return plan_line(line, self.folder, self.streams, language=language)


def is_left(row: Row) -> bool:
    return bool(row.get("take")) and not row.get("id") and not row.get("failed")
