from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.actions.memberships import local_day
from members.admin.appeal_page import appeal_page, file_response
from members.admin.base import CommunityFilter, DeskAdmin, badge
from members.admin.decision_numbers import my_decisions_page, numbers_page
from members.models import Appeal

State = Appeal.State
BADGES = {
    State.OPEN: ("info", "hourglass-split"),
    State.UPHELD: ("good", "check-circle"),
    State.DISMISSED: ("bad", "x-circle"),
    State.RETURNED: ("wait", "reply"),
}


@admin.register(Appeal)
class AppealAdmin(DeskAdmin):
    """Second looks at declines: who sits on the panel, and by when it must have decided."""

    community_path = "application__community"
    desk_roles = ("coordinator",)
    list_display = ["person", "due", "state_badge", "votes", "organization", "community"]
    list_filter = ["state", CommunityFilter]
    list_select_related = [
        "application__person", "application__organization", "application__community",
    ]  # fmt: skip
    search_fields = ["application__person__display_name", "application__organization__name"]
    search_help_text = gettext_lazy("Name or organization")
    ordering = ["due_on", "pk"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(
            seat_count=Count("seats", distinct=True),
            vote_count=Count("seats", filter=~Q(seats__vote=""), distinct=True),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("person"), ordering="application__person__display_name")
    def person(self, row: Appeal) -> str:
        return str(row.application.person)

    @admin.display(description=gettext_lazy("organization"))
    def organization(self, row: Appeal) -> str:
        return str(row.application.organization or "–")

    @admin.display(description=gettext_lazy("community"))
    def community(self, row: Appeal) -> str:
        return row.application.community.short_name

    @admin.display(description=gettext_lazy("community"))
    def community_name(self, row: Appeal) -> str:
        return self.community(row)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: Appeal) -> SafeString:
        kind, sign = BADGES.get(State(row.state), ("plain", "archive"))
        return badge(kind, sign, row.get_state_display())

    @admin.display(description=gettext_lazy("votes"))
    def votes(self, row: Appeal) -> str:
        words = {"cast": row.vote_count, "seats": row.seat_count}
        return _("%(cast)s of %(seats)s") % words if row.seat_count else _("nobody asked yet")

    @admin.display(description=gettext_lazy("decision due"), ordering="due_on")
    def due(self, row: Appeal) -> SafeString | date | str:
        if row.state != State.OPEN:
            return ""
        days = (local_day(row.application.community, timezone.now()) - row.due_on).days
        if days <= 0:
            return row.due_on
        late = ngettext("%(days)d day overdue", "%(days)d days overdue", days) % {"days": days}
        return badge("bad", "exclamation-triangle", late)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("numbers/", view(self._numbers), name="members_appeal_numbers"),
            path("mine/", view(self._mine), name="members_appeal_mine"),
            path("<int:pk>/files/<slug:file_id>/", view(self._file), name="members_appeal_file"),
            *super().get_urls(),
        ]

    def _numbers(self, request: HttpRequest) -> HttpResponse:
        return numbers_page(self, request)

    def _mine(self, request: HttpRequest) -> HttpResponse:
        return my_decisions_page(self, request)

    def _file(self, request: HttpRequest, pk: int, file_id: str) -> HttpResponseBase:
        return file_response(self, request, pk, file_id)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return appeal_page(self, request, object_id)
