"""The list of meetings: what is missing, as a column and as a filter."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meetings.models import Meeting
from meetings.queries.lacking import without_a_role, without_full_agenda
from meetings.queries.readiness import Blocks, readiness
from meetings.queries.wrapping import wrap_checks

ONLINE = [Meeting.Mode.VIRTUAL, Meeting.Mode.HYBRID]
IN_PERSON = [Meeting.Mode.IN_PERSON, Meeting.Mode.HYBRID]
Rows = QuerySet[Meeting]
MISSING: dict[str, tuple[Any, Callable[[Rows], Rows]]] = {
    "format": (_("a format"), lambda rows: rows.filter(format=None)),
    "agenda": (_("a full agenda"), without_full_agenda),
    "facilitator": (_("a facilitator"), lambda rows: rows.filter(facilitator=None)),
    "role": (_("somebody for a part"), without_a_role),
    "door": (_("a join link"), lambda rows: rows.filter(mode__in=ONLINE, join_url="")),
    "place": (_("a place"), lambda rows: rows.filter(mode__in=IN_PERSON, place="")),
}


class MissingFilter(admin.SimpleListFilter):
    """Among what is still to come: of the others nothing can be mended any more."""

    title = _("what is missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        return [*((name, words) for name, (words, _rows) in MISSING.items()), AFTERWARDS]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if self.value() == AFTERWARDS[0]:
            return to_confirm(queryset)
        if self.value() not in MISSING:
            return queryset
        _words, narrow = MISSING[self.value()]
        return narrow(queryset.filter(state__in=TO_COME, starts_at__gt=timezone.now()))


TO_COME = [Meeting.State.DRAFT, Meeting.State.SCHEDULED]
AFTERWARDS = ("afterwards", _("something afterwards"))


def to_confirm(meetings: Rows) -> Rows:
    """Over and not yet called held, or held and not yet wrapped up."""
    over = Q(state=Meeting.State.SCHEDULED, ends_at__lte=timezone.now())
    return meetings.filter(over | Q(state=Meeting.State.HELD))


def say_missing(meeting: Meeting) -> str:
    """In a few words. The agenda, the roles and the format have been read with the list."""
    now = timezone.now()
    if meeting.state == Meeting.State.HELD:
        return ", ".join(check.thing for check in wrap_checks(meeting) if not check.is_done)
    if meeting.state not in TO_COME:
        return ""
    if meeting.ends_at <= now:
        return str(_("a word whether it took place")) if meeting.announced_at else ""
    checks = readiness(meeting, now=now)
    lacks = [c for c in checks if not c.is_done and c.blocks != Blocks.NOTHING and c.thing]
    return ", ".join(check.thing for check in lacks)
