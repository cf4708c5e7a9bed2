"""The agenda by the clock, and which format would suit a meeting."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from meetings.models import AgendaStep, Meeting, SessionFormat

LAST = 3


@dataclass(frozen=True)
class Timed:
    """One step and when it runs, as UTC instants (F3: shown by the viewer's clock)."""

    step: AgendaStep
    starts_at: datetime
    ends_at: datetime


def timed_agenda(meeting: Meeting) -> list[Timed]:
    """One query."""
    at, found = meeting.starts_at, []
    for step in meeting.agenda.order_by("order", "pk"):
        ends = at + timedelta(minutes=step.minutes)
        found.append(Timed(step, at, ends))
        at = ends
    return found


@dataclass(frozen=True)
class Suggestion:
    """`fits`: of this meeting's kind and size. `why`: words beside it, may be empty."""

    format: SessionFormat
    fits: bool
    why: str


def suggest_formats(meeting: Meeting) -> tuple[list[Suggestion], str]:
    """The formats, fitting ones first, and a hint from the last meetings. Three queries."""
    expected = meeting.capacity or 0
    before = Meeting.objects.filter(
        community=meeting.community_id, starts_at__lt=meeting.starts_at
    ).exclude(state=Meeting.State.CANCELLED)
    last = list(before.exclude(pk=meeting.pk).order_by("-starts_at", "-pk")[:LAST])
    formats = SessionFormat.objects.of(meeting.community).order_by("name", "pk")
    found = [_suggest(one, meeting, expected) for one in formats]
    found.sort(key=lambda one: (not one.fits, str(one.format)))
    return found, _hint([one.kind for one in last])


def _suggest(one: SessionFormat, meeting: Meeting, expected: int) -> Suggestion:
    why = []
    if expected and expected > one.max_people:
        why.append(_("for %(n)d people at most: think of circles") % {"n": one.max_people})
    if expected and expected < one.min_people:
        why.append(_("needs %(n)d people") % {"n": one.min_people})
    if one.minutes > meeting.duration * 2:
        why.append(_("usually takes %(n)d minutes") % {"n": one.minutes})
    fits = one.kind == meeting.kind and not why
    return Suggestion(one, fits, "; ".join(why))


def _hint(kinds: list[str]) -> str:
    """Of the last meetings, the latest first."""
    if kinds[:2] == [Meeting.Kind.LEARNING] * 2:
        return _("Two learning sessions in a row: try a dialogue.")
    if len(kinds) == LAST and all(kind == Meeting.Kind.DIALOGUE for kind in kinds):
        return _("Three dialogues in a row: is there something to learn from somebody?")
    return ""
