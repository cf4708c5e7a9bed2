from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.admin.base import CommunityFilter, DeskAdmin, badge
from members.admin.membership_steps import DELEGATE, END_HOLD, REMOVE, SUSPEND
from members.admin.steps import DeskSteps, Step
from members.desk_plain import FoldedNames
from members.history import describe, say_application_state
from members.models import Affiliation, Membership, MembershipApplication, User
from members.queries import history_of

State = Membership.State
BADGES = {
    State.ACTIVE: ("good", "check-circle"),
    State.GRACE: ("wait", "clock"),
    State.SUSPENDED: ("wait", "hourglass-split"),
    State.LAPSED: ("plain", "archive"),
    State.LEFT: ("plain", "archive"),
    State.REMOVED: ("bad", "x-circle"),
}

SOMETIMES = {
    "grace_until", "grace_ground", "suspended_until", "delegate_for", "ended_on", "end_reason",
}  # fmt: skip


@admin.register(Membership)
class MembershipAdmin(DeskSteps, FoldedNames, DeskAdmin):
    """Who belongs. Read and search; standing changes by decisions, never by typing."""

    desk_roles = ("coordinator", "reviewer")
    list_display = [
        "person", "email", "community", "category", "state_badge", "joined_on", "ended_on",
    ]  # fmt: skip
    list_filter = ["state", "category", "is_unconfirmed", CommunityFilter]
    list_select_related = ["person", "community"]
    search_fields = ["person__display_name", "person__email"]
    ordering = ["person__display_name", "pk"]
    readonly_fields = fields = [
        "person", "email", "community", "category", "basis", "state_badge", "grace_until",
        "grace_ground", "suspended_until", "delegate_for", "yearly", "joined_on", "ended_on",
        "end_reason",
    ]  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ANN401
        """Only what there is: most memberships are in no grace and on no hold."""
        return [name for name in self.fields if name not in SOMETIMES or getattr(obj, name, None)]

    def possible_steps(self, row: Any) -> list[Step]:  # noqa: ANN401
        if row.state == State.SUSPENDED:
            return [END_HOLD, REMOVE]
        if row.state not in Membership.CURRENT_STATES:
            return []
        votes = row.category == Membership.Category.MEMBER
        return [DELEGATE, SUSPEND, REMOVE] if votes else [SUSPEND, REMOVE]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> HttpResponse:
        row = context.get("original")
        if row is not None:
            context |= {"history": _history(row, request), "applications": _applications(row)}
            context |= {"ties": _ties(row), "title": str(row.person), "subtitle": None}
            context["named_by_title"] = True
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("e-mail address"))
    def email(self, row: Membership) -> str:
        return row.person.email

    @admin.display(description=_("yearly question"))
    def yearly(self, row: Membership) -> str:
        if row.is_unconfirmed:
            return str(_("No answer yet"))
        if row.confirmed_on is None:
            return "–"
        return gettext("Confirmed on %(day)s") % {"day": date_format(row.confirmed_on, "j F Y")}

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, row: Membership) -> SafeString:
        kind, sign = BADGES[row.state]
        return badge(kind, sign, row.get_state_display())


def _history(row: Membership, request: HttpRequest) -> list[Any]:
    events = history_of([("members.membership", row.public_id)], [row.community.public_id])[:50]
    return [describe(event, request.user.timezone) for event in events]


def _applications(row: Membership) -> list[MembershipApplication]:
    rows = row.community.applications.filter(person=row.person).order_by("-submitted_at", "-pk")
    found = list(rows[:10])
    for one in found:
        one.state_label = say_application_state(one.state)
    return found


def _ties(row: Membership) -> list[Affiliation]:
    """What it rests on."""
    ties = row.person.affiliations.select_related("organization")
    return list(ties.order_by("-is_primary", "-pk")[:10])


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People, for the administrator of the whole site alone."""

    list_display = ["display_name", "email", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["display_name", "email"]
    ordering = ["display_name", "pk"]
    fields = [
        "display_name", "email", "language", "timezone", "is_active", "is_staff", "date_joined",
        "last_login",
    ]  # fmt: skip
    readonly_fields = fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return self.has_module_permission(request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Asked before the row is looked up: the answer tells nobody who is there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False
