from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import Case, F, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cop.core.text import cut_at_word
from members.actions.claims import taken_by
from members.admin.base import CommunityFilter, DeskAdmin, badge
from members.admin.inquiries import ask_office_page, note_answer
from members.admin.review import review_page
from members.admin.review_next import OURS
from members.admin.taking import take_step
from members.admin.together import together_page
from members.history import say_application_state
from members.models import MembershipApplication

State = MembershipApplication.State
NAME = "members_membershipapplication"
BADGES = {
    State.SUBMITTED: ("info", "inbox"),
    State.IN_REVIEW: ("info", "reply"),
    State.INFO_REQUESTED: ("wait", "question-circle"),
    State.APPROVED: ("good", "check-circle"),
    State.DECLINED: ("bad", "x-circle"),
}


WITH_US_FIRST = Case(When(state=State.INFO_REQUESTED, then=1), default=0).asc()


class StateFilter(admin.SimpleListFilter):
    """The queue shows what waits; the rest is one tap away."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        states = [(state, say_application_state(state)) for state in State.values]
        return [("open", _("All open ones")), *states, ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:  # noqa: ANN401
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "open") == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or "open"
        if value == "all":
            return queryset
        states = MembershipApplication.OPEN_STATES if value == "open" else [value]
        return queryset.filter(state__in=states)


@admin.register(MembershipApplication)
class ApplicationAdmin(DeskAdmin):
    """The queue of applications, and the review of each on one page."""

    desk_roles = edit_roles = ("coordinator", "reviewer")
    list_display = [
        "person", "due", "waiting", "state_badge", "taken_by", "organization", "community",
    ]  # fmt: skip
    list_filter = [StateFilter, CommunityFilter]
    list_select_related = ["person", "organization", "community", "claimed_by"]
    search_fields = ["person__display_name", "person__email", "organization__name"]
    search_help_text = gettext_lazy("Name, address or organization")
    # What is on our desk first, and of that the most urgent; what is laid aside comes last.
    ordering = [F("held_until").asc(nulls_first=True), WITH_US_FIRST, "due_on", "pk"]
    actions = None

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: MembershipApplication) -> SafeString:
        kind, sign = BADGES.get(State(row.state), ("plain", "archive"))
        return badge(kind, sign, say_application_state(row.state))

    @admin.display(description=gettext_lazy("taken by"), ordering="claimed_by__display_name")
    def taken_by(self, row: MembershipApplication) -> str:
        if row.held_until:
            day, why = date_format(row.held_until, "j F"), cut_at_word(row.hold_reason, 60)
            return _("laid aside until %(day)s: %(why)s") % {"day": day, "why": why}
        return str(taken_by(row, timezone.now()) or "")

    @admin.display(description=gettext_lazy("waiting for"), ordering="submitted_at")
    def waiting(self, row: MembershipApplication) -> str:
        if not row.is_open:
            return ""
        days = (timezone.now() - row.submitted_at).days
        return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}

    @admin.display(description=gettext_lazy("first answer due"), ordering="due_on")
    def due(self, row: MembershipApplication) -> SafeString | date | str:
        if row.state not in OURS:
            return ""
        today = timezone.now().astimezone(ZoneInfo(row.community.timezone)).date()
        if row.held_until and row.held_until > today:
            return row.held_until
        if row.due_on < today:
            days = (today - row.due_on).days
            late = ngettext("%(days)d day overdue", "%(days)d days overdue", days)
            return badge("bad", "exclamation-triangle", late % {"days": days})
        return row.due_on

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/step/", view(self._step), name=f"{NAME}_step"),
            path("<int:pk>/together/", view(self._together), name=f"{NAME}_together"),
            path("<int:pk>/office/", view(self._office), name=f"{NAME}_office"),
            path("<int:pk>/office/<slug:public_id>/", view(self._answer), name=f"{NAME}_answer"),
        ]
        return [*own, *super().get_urls()]

    def _together(self, request: HttpRequest, pk: int) -> HttpResponse:
        return together_page(self, request, pk)

    def _office(self, request: HttpRequest, pk: int) -> HttpResponse:
        return ask_office_page(self, request, pk)

    def _answer(self, request: HttpRequest, pk: int, public_id: str) -> HttpResponse:
        return note_answer(request, self, pk, public_id)

    def _step(self, request: HttpRequest, pk: int) -> HttpResponse:
        return take_step(request, self.get_queryset(request), pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return review_page(self, request, object_id)
