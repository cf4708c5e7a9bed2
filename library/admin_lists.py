"""What waits for a librarian, as a filter above the others."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from library.models import Resource

State, Rows = Resource.State, QuerySet[Resource]
QUEUES: dict[str, tuple[Any, Callable[[Rows], Rows]]] = {
    "new": (_("To look through"), lambda rows: rows.filter(state=State.IN_REVIEW)),
    "again": (_("To look at again"), lambda rows: rows.filter(state=State.REVIEW_DUE)),
    "links": (
        _("Links that do not answer"),
        lambda rows: rows.filter(
            state__in=Resource.SHOWN_STATES, link_state=Resource.LinkState.DEAD
        ),
    ),
}


class QueueFilter(admin.SimpleListFilter):
    title = _("what waits")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        return [(name, words) for name, (words, _rows) in QUEUES.items()]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        queue = QUEUES.get(self.value() or "")
        return queue[1](queryset) if queue else queryset
