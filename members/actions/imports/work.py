"""What a worker does with a list: looks it through, takes it over, writes to the new people."""

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.imports.organizations import plan_organizations
from members.actions.imports.people import plan_people
from members.actions.imports.plans import (
    Line,
    Row,
    mark_of,
    read_rows,
    report_of,
    without_names,
)
from members.actions.imports.runs import has_stopped, refuse, remove_file
from members.actions.imports.tables import Table, read_table
from members.actions.imports.write_organizations import write_organizations
from members.actions.imports.write_people import write_people
from members.emails.imports import queue_import_welcome
from members.models import ImportRun, Membership

State = ImportRun.State
WELCOMES = 150
# Where each part of the work begins, and its share, for the bar on the page.
READING, COMPARING, WRITING = (0.0, 0.5), (0.5, 0.3), (0.8, 0.2)
logger = logging.getLogger(__name__)


class HasChanged(Exception):
    """What is known is not what it was when somebody looked at the list."""


def run_imports(*, now: datetime) -> None:
    """What waits for a worker, one list each. A second run at the same time takes nothing twice."""
    for run in ImportRun.objects.filter(state=State.WAITING).order_by("pk")[:1]:
        claimed = ImportRun.objects.filter(pk=run.pk, state=State.WAITING).update(
            state=State.LOOKING, started_at=now
        )
        if claimed:
            run.state = State.LOOKING
            look_through(run, now=now)
    for run in ImportRun.objects.filter(state=State.RUNNING).order_by("pk"):
        if "begun" not in run.report and not has_stopped(run, now=now):
            take_over(run, now=now)
            break
    send_welcomes(now=now)


def look_through(run: ImportRun, *, now: datetime) -> None:
    """Read it and say what would change. Nothing is written but how far we are."""
    with translation.override(_language(run)):
        try:
            table = _read(run)
            rows, wrong = read_rows(table, run.kind, partial(_tell, run, *READING))
            lines = [*_plan(run, rows, now), *wrong]
        except ActionError as error:
            refuse(run, str(error), now=now)
        except Exception:
            logger.exception("import_look_failed", extra={"run": run.public_id})
            refuse(run, _say_broken(), now=now)
        else:
            _ready(run, report_of(lines, table), len(table.rows))


def take_over(run: ImportRun, *, now: datetime) -> None:
    """All of it in one transaction, or nothing. What is not as it was shown is shown again."""
    begun = {**run.report, "begun": now.isoformat()}
    rows = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING).exclude(report__has_key="begun")
    if not rows.update(report=begun, started_at=now):
        return
    run.report, run.started_at = begun, now
    with translation.override(_language(run)):
        try:
            table = _read(run)
            readable, wrong = read_rows(table, run.kind, partial(_tell, run, *READING))
            with transaction.atomic():
                _take_over(run, readable, wrong, now)
        except HasChanged:
            _show_again(run, now=now)
        except (IntegrityError, ActionError) as error:
            refuse(run, _say_refused(error), now=now)
        except Exception:
            logger.exception("import_failed", extra={"run": run.public_id})
            refuse(run, _say_broken(), now=now)


def _take_over(run: ImportRun, rows: list[Row], wrong: list[Line], now: datetime) -> None:
    # Held to the end: whoever asks whether we live tries this lock (runs.has_stopped).
    held = ImportRun.objects.select_for_update(of=("self",)).filter(state=State.RUNNING)
    if not held.filter(pk=run.pk).exists():
        return
    lines = _plan(run, rows, now)
    if mark_of([*lines, *wrong]) != run.report.get("mark"):
        raise HasChanged
    shared: dict[str, Any] = {"community": run.community, "by": run.by, "now": now}
    shared["progress"] = partial(_tell, run, *WRITING)
    begun: list[str] = []
    if run.kind == ImportRun.Kind.PEOPLE:
        done, begun = write_people(lines, **shared)
    else:
        done = write_organizations(lines, choices=run.report.get("choices", {}), **shared)
    report = {**without_names(run.report), "done": done}
    if run.report.get("welcome"):
        report["to_welcome"] = begun
    ImportRun.objects.filter(pk=run.pk).update(
        state=State.DONE, ended_at=now, rows_done=run.rows_total, report=report
    )
    scope, changed = run.community.public_id, f"{done['new']}+{done['changed']}"
    audit.record("import_done", run, by=run.by, scope=scope, new=changed)
    transaction.on_commit(lambda: remove_file(run), robust=True)


def send_welcomes(*, now: datetime) -> None:
    """So many a minute, to those whom a list has brought in and who were to be told."""
    for run in ImportRun.objects.filter(state=State.DONE, report__has_key="to_welcome"):
        with transaction.atomic():
            row = ImportRun.objects.select_for_update(skip_locked=True, of=("self",))
            held = row.filter(pk=run.pk).first()
            if held is None or not held.report.get("to_welcome"):
                continue
            ids = held.report["to_welcome"]
            members = Membership.objects.filter(public_id__in=ids[:WELCOMES])
            current = members.filter(state__in=Membership.CURRENT_STATES)
            for membership in current.select_related("community", "person").order_by("pk"):
                queue_import_welcome(membership, run)
            report = {**held.report, "to_welcome": ids[WELCOMES:]}
            if not report["to_welcome"]:
                del report["to_welcome"]
            ImportRun.objects.filter(pk=run.pk).update(report=report)


def _plan(run: ImportRun, rows: list[Any], now: datetime) -> list[Line]:
    if run.by is None:
        raise ActionError(_("Whoever sent this list is not here any more. Send it again."))
    shared: dict[str, Any] = {"community": run.community, "by": run.by}
    shared["progress"] = partial(_tell, run, *COMPARING)
    if run.kind == ImportRun.Kind.PEOPLE:
        return plan_people(rows, now=now, **shared)
    return plan_organizations(rows, **shared)


def _read(run: ImportRun) -> Table:
    with run.file.open("rb") as file:
        table = read_table(file, run.file_name, run.kind)
    run.rows_total = len(table.rows)
    ImportRun.objects.filter(pk=run.pk).update(rows_total=run.rows_total)
    return table


def _tell(run: ImportRun, start: float, share: float, count: int) -> None:
    """How far we are. While it is taken over nobody sees our transaction: the cache tells."""
    done = int(start * run.rows_total + share * count)
    if run.state == State.RUNNING:
        cache.set(f"import:{run.public_id}", done, 300)
    else:
        ImportRun.objects.filter(pk=run.pk).update(rows_done=done)


def _ready(run: ImportRun, report: dict[str, Any], rows: int) -> None:
    states = (State.LOOKING, State.RUNNING)
    ImportRun.objects.filter(pk=run.pk, state__in=states).update(
        state=State.READY, report=report, rows_total=rows, rows_done=rows
    )


def _show_again(run: ImportRun, *, now: datetime) -> None:
    ImportRun.objects.filter(pk=run.pk, state=State.RUNNING).update(
        state=State.LOOKING, started_at=now
    )
    run.state = State.LOOKING
    look_through(run, now=now)
    run.refresh_from_db()
    if run.state == State.READY:
        note = _("What we know has changed since you looked. Nothing was taken over: look again.")
        ImportRun.objects.filter(pk=run.pk).update(report={**run.report, "note": note})


def _language(run: ImportRun) -> str:
    return run.by.language if run.by else "en"


def _say_refused(error: Exception) -> str:
    if isinstance(error, ActionError):
        return str(error)
    return _(
        "Somebody changed the same people or organizations at the same moment. Nothing was taken "
        "over: send the list again."
    )


def _say_broken() -> str:
    return _("Something went wrong on our side. Nothing was taken over: send the list again.")
