"""The list beside the form: what stands, what is missing, and where to mend it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from meetings.admin.tab_pages import TABS
from meetings.desk_steps import STEPS
from meetings.models import Meeting
from meetings.queries.readiness import Blocks, Check, is_ready, readiness
from meetings.queries.wrapping import wrap_checks


@dataclass(frozen=True)
class Line:
    check: Check
    url: str
    # How it looks, in a word that stands beside the picture: done, must, should or may.
    look: str
    effect: str


def readiness_panel(meeting: Meeting, now: datetime, *, form: str = "") -> dict[str, Any] | None:
    """Title, a sentence and the lines; None where there is nothing to get ready any more.

    `form`: the address of the page with the fields, where this is another one.
    """
    if meeting.state == Meeting.State.HELD:
        checks = wrap_checks(meeting)
        told = _("All is done. You can wrap it up.") if _all_done(checks) else _(
            "To wrap it up, this is still to do."
        )  # fmt: skip
        return _panel(_("After the meeting"), told, checks, meeting, form)
    if meeting.state not in {Meeting.State.DRAFT, Meeting.State.SCHEDULED} or meeting.ends_at < now:
        return None
    checks = readiness(meeting, now=now)
    return _panel(_("Is it ready?"), _say(meeting, checks), checks, meeting, form)


def _all_done(checks: list[Check]) -> bool:
    return all(check.is_done for check in checks)


def _say(meeting: Meeting, checks: list[Check]) -> str:
    stops = any(check.stops for check in checks)
    if meeting.state == Meeting.State.DRAFT:
        if stops:
            return _("It cannot be announced yet.")
        if is_ready(checks):
            return _("It can be announced, and everybody has a part.")
        return _("It can be announced. For the day itself somebody is still missing.")
    if is_ready(checks):
        return _("It is ready.")
    return _("People know of it, but it is not ready.")


def _panel(
    title: str, told: str, checks: list[Check], meeting: Meeting, form: str
) -> dict[str, Any]:
    """What is missing first, the gravest on top; what is done behind it."""
    lines = [_line(check, meeting, form) for check in checks]
    return {
        "title": title,
        "told": told,
        "todo": sorted((line for line in lines if not line.check.is_done), key=_weight),
        "done": [line for line in lines if line.check.is_done],
        "stops": any(check.stops for check in checks),
    }


LOOKS = {
    Blocks.ANNOUNCING: "must",
    Blocks.WRAPPING: "must",
    Blocks.READY: "should",
    Blocks.NOTHING: "may",
}


def _weight(line: Line) -> int:
    return list(LOOKS.values()).index(line.look)


def _line(check: Check, meeting: Meeting, form: str) -> Line:
    look = "done" if check.is_done else LOOKS[check.blocks]
    is_draft = meeting.state == Meeting.State.DRAFT
    effect = {
        Blocks.ANNOUNCING: _("before announcing") if is_draft else _("needed"),
        Blocks.WRAPPING: _("before wrapping up"),
        Blocks.READY: _("before the day"),
        Blocks.NOTHING: _("worth a thought"),
    }[check.blocks]
    return Line(check, _url(check.where, meeting, form), look, effect)


def _url(where: str, meeting: Meeting, form: str) -> str:
    """A field of the form, a page beside it, or a step; nothing where there is no such page."""
    if where.startswith("#"):
        return form + where
    known = {tab.name for tab in TABS} | STEPS.keys()
    return reverse(f"admin:meetings_meeting_{where}", args=[meeting.pk]) if where in known else ""
