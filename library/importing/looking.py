"""What the desk is shown of each line: good, with a mistake, or there already."""

from collections.abc import Iterable
from typing import Any

from cop.core.errors import ActionError
from library.importing import twins
from library.importing.folder import Folder
from library.importing.plans import Plan
from members.models import Community

Row = dict[str, Any]


class Looker:
    """Knows what stands in the lines before."""

    def __init__(self, community: Community, folder: Folder, rows: list[Row]) -> None:
        self.community, self.folder = community, folder
        seen = [row for row in rows if row["state"] in {"good", "same"}]
        self.titles = {row["title"].lower(): row["n"] for row in reversed(seen)}
        self.links = {row["about"]: row["n"] for row in reversed(seen) if row["what"] == "url"}
        self.marks = {row["mark"]: row["n"] for row in reversed(seen) if row["mark"]}

    def look(self, pairs: Iterable[tuple[Row, Plan]]) -> None:
        pairs = list(pairs)
        titles = twins.known_titles(self.community, [plan.title for _row, plan in pairs])
        links = twins.known_links(
            self.community, [plan.values.get("url", "") for _row, plan in pairs]
        )
        for row, plan in pairs:
            self._fill(row, plan)
            if row["problems"]:
                row["state"] = "bad"
                continue
            row["same"] = row["same"] or self._same(row, titles, links)
            row["state"] = "same" if row["same"] else "good"
            self._remember(row)

    def _fill(self, row: Row, plan: Plan) -> None:
        row |= {
            "title": plan.title, "what": plan.what, "mark": "", "same": "",
            "about": str(plan.values.get("url", "") or plan.line.cells.get("file", ""))[:500],
            "kind": plan.values["kind"], "visibility": plan.values["visibility"],
            "problems": [text[:300] for text in plan.problems],
            "notes": [text[:300] for text in plan.notes], "guessed": plan.is_guessed,
        }  # fmt: skip
        if plan.packed and not plan.packed.problem:
            try:
                checked = self.folder.checked(plan.packed)
            except ActionError as error:
                row["problems"].append(str(error)[:300])
                return
            row["mark"] = twins.print_of(checked.content_file)
            title = twins.same_file(self.community, size=checked.size, mark=row["mark"])
            row["same"] = twins.say_file(title) if title else ""
            checked.content_file.close()

    def _same(self, row: Row, titles: set[str], links: set[str]) -> str:
        before = (
            self.titles.get(row["title"].lower())
            or (row["what"] == "url" and self.links.get(row["about"]))
            or (row["mark"] and self.marks.get(row["mark"]))
        )
        if before:
            return twins.say_line(before)
        if row["what"] == "url" and row["about"] in links:
            return twins.say_link()
        return twins.say_title() if row["title"].lower() in titles else ""

    def _remember(self, row: Row) -> None:
        self.titles.setdefault(row["title"].lower(), row["n"])
        if row["what"] == "url":
            self.links.setdefault(row["about"], row["n"])
        if row["mark"]:
            self.marks.setdefault(row["mark"], row["n"])
