"""The formats of the house, from the data file into the database; and a community's own copies."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.models import FormatStep, SessionFormat
from members.models import Community, User

FILE = Path(__file__).parent.parent / "data" / "formats.yaml"
# Both languages in the file -> the field and its French twin.
TEXTS = {
    "name": "name", "purpose": "purpose", "use_when": "use_when", "not_when": "not_when",
    "prep": "prep", "script": "script", "tips": "virtual_tips", "what_if": "what_if",
    "after": "after", "source": "source_note",
}  # fmt: skip


@cache
def _house_formats() -> list[dict[str, Any]]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))["formats"]


@transaction.atomic
def load_house_formats() -> int:
    """Insert what is missing and put right what differs from the file; returns how many.

    Copies of communities stay as they are. Runs after each migration.
    """
    known = {one.code: one for one in SessionFormat.objects.filter(community=None)}
    steps = FormatStep.objects.filter(format__community=None).order_by("format", "order")
    there: dict[str, list[FormatStep]] = {}
    codes = {one.pk: one.code for one in known.values()}
    for step in steps:
        there.setdefault(codes[step.format_id], []).append(step)
    changed = 0
    for row in _house_formats():
        values = _values(row)
        wanted = [_step_values(step) for step in row["steps"]]
        one = known.get(row["code"])
        same = one is not None and all(getattr(one, k) == v for k, v in values.items())
        same_steps = [_kept(step) for step in there.get(row["code"], [])] == wanted
        if same and same_steps:
            continue
        changed += 1
        one, _new = SessionFormat.objects.update_or_create(
            community=None, code=row["code"], defaults=values
        )
        one.steps.all().delete()
        _put_steps(one, wanted)
    return changed


def _values(row: dict[str, Any]) -> dict[str, Any]:
    values = {
        "minutes": row["minutes"],
        "min_people": row["people"]["min"],
        "max_people": row["people"]["max"],
        "group_size": row["people"]["group"],
        "kind": row["kind"],
        "recording_policy": row["recording"],
        "roles": row["roles"],
    }
    for key, name in TEXTS.items():
        values[name], values[f"{name}_fr"] = row[key]["en"], row[key]["fr"]
    return values


def _step_values(step: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": step["t"]["en"],
        "title_fr": step["t"]["fr"],
        "minutes": step["m"],
        "room": step["room"],
        "lead": step["lead"],
        "is_flexible": step.get("flexible", False),
        "split_over": step.get("split_over"),
    }


def _kept(step: FormatStep) -> dict[str, Any]:
    names = ("title", "title_fr", "minutes", "room", "lead", "is_flexible", "split_over")
    return {name: getattr(step, name) for name in names}


def _put_steps(one: SessionFormat, rows: list[dict[str, Any]]) -> None:
    FormatStep.objects.bulk_create(
        FormatStep(format=one, order=order, **row) for order, row in enumerate(rows, start=1)
    )


@transaction.atomic
def copy_format(*, format: SessionFormat, community: Community, by: User) -> SessionFormat:
    """A community's own copy, free to change. Raises ActionError where it has one already."""
    if SessionFormat.objects.filter(community=community, code=format.code).exists():
        raise ActionError(_("Your community has a copy of this format already."))
    steps = list(format.steps.order_by("order"))
    own = SessionFormat.objects.get(pk=format.pk)
    own.pk, own.community = None, community
    own._state.adding = True
    own.save(force_insert=True)
    for step in steps:
        step.pk, step.format = None, own
        step._state.adding = True
    FormatStep.objects.bulk_create(steps)
    record("format_copied", own, by=by, scope=community.public_id)
    return own
