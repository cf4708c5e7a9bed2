"""What a list would change, row by row, before anything is written."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.core.exceptions import ValidationError

from members.actions.imports.columns import labels_of
from members.actions.imports.resources import RESOURCES, Row
from members.actions.imports.tables import Table

Outcome = Literal["new", "changed", "unchanged", "duplicate", "wrong"]
# In the order in which somebody looks at them.
OUTCOMES: tuple[Outcome, ...] = ("wrong", "duplicate", "changed", "new", "unchanged")
SHOWN = 50
# How often somebody who waits is told how far we are.
EVERY = 200
Progress = Callable[[int], None]


@dataclass
class Line:
    """One row of the list and what becomes of it. `what`: the facts that would be written."""

    row: Row
    outcome: Outcome
    reason: str = ""
    target: Any = None
    what: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.row.number

    def mark(self) -> str:
        target = getattr(self.target, "public_id", "")
        return f"{self.number}:{self.outcome}:{target}:{','.join(sorted(self.what))}"


def read_rows(table: Table, kind: str, progress: Progress) -> tuple[list[Row], list[Line]]:
    """The rows that can be read, and a line for each that cannot, with what is wrong in it."""
    resource = RESOURCES[kind]()
    labels = labels_of(kind)
    rows: list[Row] = []
    wrong: list[Line] = []
    for count, (number, cells) in enumerate(table.rows, start=1):
        named = {key: cells[at] for key, at in table.columns.items()} | {"number": number}
        result = resource.import_row(named, None)
        if result.errors:
            raise result.errors[0].error
        if result.validation_error is None:
            rows.append(result.instance)
        else:
            bare = resource.row_type(number=number, name=named.get("name", "")[:80])
            wrong.append(Line(bare, "wrong", _say(result.validation_error, labels)))
        if count % EVERY == 0:
            progress(count)
    return rows, wrong


def _say(error: ValidationError, labels: dict[str, str]) -> str:
    found = error.message_dict.items()
    return "; ".join(f"{labels.get(name, name)}: {texts[0]}" for name, texts in found) + "."


def report_of(lines: list[Line], table: Table) -> dict[str, Any]:
    """What the page shows: counts, and the first rows of each kind in their order."""
    counts = Counter(line.outcome for line in lines)
    shown: dict[str, list[dict[str, Any]]] = {outcome: [] for outcome in OUTCOMES}
    for line in sorted(lines, key=lambda one: one.number):
        if len(shown[line.outcome]) < SHOWN:
            shown[line.outcome].append(_entry(line))
    return {
        "counts": {outcome: counts[outcome] for outcome in OUTCOMES},
        "lines": shown,
        "unknown": table.unknown[:20],
        "mark": mark_of(lines),
    }


def _entry(line: Line) -> dict[str, Any]:
    entry: dict[str, Any] = {"row": line.number, "reason": line.reason}
    entry["label"] = line.row.name
    entry["detail"] = getattr(line.row, "email", "") or getattr(line.row, "city", "")
    if line.outcome == "duplicate" and line.target is not None:
        entry["same_as"] = ", ".join(part for part in (line.target.name, line.target.city) if part)
    return entry


def mark_of(lines: list[Line]) -> str:
    """The same for two looks that came to the same."""
    marks = sorted(line.mark() for line in lines)
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


def without_names(report: dict[str, Any]) -> dict[str, Any]:
    """What is kept when it is over: counts, row numbers and reasons, but nobody's name."""
    lines = {
        outcome: [{"row": one["row"]} for one in entries]
        for outcome, entries in report.get("lines", {}).items()
    }
    return {**report, "lines": lines}
