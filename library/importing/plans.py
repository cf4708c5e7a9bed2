"""What a line would become: values, what is wrong with it, and what to know about it."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from library.importing.columns import CONTENT, MOST_TOPICS, NAMES, fold, read_cell
from library.importing.folder import Folder, Packed
from library.importing.table import Line, title_of
from library.models import Resource, Visibility
from members.models import Community, Stream


@dataclass
class Plan:
    """`is_guessed`: something a person should decide was not said, so nobody is shown it yet."""

    line: Line
    values: dict[str, Any] = field(default_factory=dict)
    packed: Packed | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_guessed: bool = False

    @property
    def title(self) -> str:
        return str(self.values.get("title") or self.line.cells.get("title", ""))[:160]

    @property
    def what(self) -> str:
        return next((name for name in CONTENT if name in self.line.cells), "")


def streams_of(community: Community) -> dict[str, Stream]:
    """By their names in both languages, and by their kind where it has only one."""
    rows = list(Stream.objects.filter(community=community, is_active=True).order_by("pk"))
    known = {fold(name): row for row in rows for name in (row.name, row.name_fr) if name}
    for kind in Stream.Kind:
        alike = [row for row in rows if row.kind == kind]
        if len(alike) == 1:
            known.setdefault(fold(kind.value), alike[0])
            known.setdefault(fold(str(kind.label)), alike[0])
    return known


def plan_line(
    line: Line, folder: Folder, streams: dict[str, Stream], *, language: str = "en"
) -> Plan:
    plan = Plan(line)
    for column, text in line.cells.items():
        if column in {"file", "stream"}:
            continue
        try:
            plan.values[column] = read_cell(column, text)
        except ValueError as error:
            plan.problems.append(f"{NAMES[column][0]}: {error}")
    _find_content(plan, folder)
    _find_stream(plan, streams)
    _fill_in(plan, language)
    _look_over(plan)
    return plan


def _find_content(plan: Plan, folder: Folder) -> None:
    given = [name for name in CONTENT if name in plan.line.cells]
    if len(given) != 1:
        plan.problems.append(
            _("Give one of these: a file, a link or a text.") if not given
            else _("Give only one of these: a file, a link or a text.")
        )  # fmt: skip
    path = plan.line.cells.get("file")
    if path:
        plan.packed = folder.find(path)
        if plan.packed is None:
            plan.problems.append(_("The file “%(name)s” is not in the ZIP.") % {"name": path[:120]})
        elif plan.packed.problem:
            plan.problems.append(plan.packed.problem)


def _find_stream(plan: Plan, streams: dict[str, Stream]) -> None:
    text = plan.line.cells.get("stream")
    if not text:
        return
    stream = streams.get(fold(text))
    if stream is None:
        plan.notes.append(
            _("There is no stream “%(name)s” here: left empty.") % {"name": text[:60]}
        )
    else:
        plan.values["stream"] = stream


def _fill_in(plan: Plan, language: str) -> None:
    values, is_link = plan.values, plan.what == "url"
    plan.is_guessed = not {"kind", "rights", "summary"} <= set(plan.line.cells)
    values.setdefault("kind", Resource.Kind.LINK if is_link else Resource.Kind.TOOL)
    # What is not said to be ours is only pointed to, where it can be.
    values.setdefault("rights", Resource.Rights.LINK_ONLY if is_link else Resource.Rights.OWN)
    values.setdefault("visibility", Visibility.MEMBERS)
    values.setdefault("language", language)
    values.setdefault("summary", "")
    if not values.get("title") and "title" not in plan.line.cells and plan.packed:
        values["title"] = title_of(plan.packed.path)
    for column in ("topics", "audience_tags"):
        if len(values.get(column, [])) > MOST_TOPICS and column == "topics":
            values[column] = values[column][:MOST_TOPICS]
            plan.notes.append(_("Six topics at most: the first six are kept."))


def _look_over(plan: Plan) -> None:
    values = plan.values
    if not values.get("title") and not any(one.startswith("title") for one in plan.problems):
        plan.problems.append(_("It has no title."))
    if values["rights"] == Resource.Rights.LINK_ONLY and plan.what in {"file", "body"}:
        plan.problems.append(
            _("What belongs to others can only be a link. Give the link, or choose other rights.")
        )
    if not values["summary"]:
        plan.notes.append(_("It has no summary: it waits for a librarian to write one."))
    elif plan.is_guessed:
        plan.notes.append(_("Kind or rights are not said: it waits for a librarian."))
