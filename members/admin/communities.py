from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cop.core.models import AuditEvent
from members.actions.communities import create_community, update_community
from members.actions.memberships import local_day
from members.admin.base import SHORT_TEXTS, DeskAdmin, badge
from members.admin.community_forms import CommunityForm
from members.admin.community_steps import steps_of
from members.admin.steps import DeskSteps, Step
from members.models import Community, Membership, RoleGrant
from members.models.communities import current_grant
from members.queries.communities import ally_share, parts_of

Status = Community.Status
BADGES = {
    Status.PLANNING: ("info", "hourglass-split"),
    Status.OPEN: ("good", "check-circle"),
    Status.PAUSED: ("wait", "clock"),
    Status.CLOSING: ("wait", "exclamation-triangle"),
    Status.ARCHIVED: ("plain", "archive"),
}
# What a new one needs to be there at all; the rest is the checklist.
FIRST = ["slug", "name", "name_fr", "short_name", "purpose", "purpose_fr", "admission_policy",
         "languages"]  # fmt: skip


@admin.register(Community)
class CommunityDesk(DeskSteps, DeskAdmin):
    """The coordinator's texts. Address and status are not typed: links hang on them."""

    form = CommunityForm
    edit_roles = ("coordinator",)
    list_display = ["name", "status_badge", "admission_policy", "timezone"]
    ordering = ["name", "pk"]
    readonly_fields = ["slug"]
    formfield_overrides = SHORT_TEXTS
    fieldsets = [
        (_("What people read first"), {"fields": [
            "slug", "name", "name_fr", "short_name", "purpose", "purpose_fr",
        ]}),
        (_("Domain, community, practice"), {"fields": [
            "domain", "domain_fr", "community", "community_fr", "practice", "practice_fr",
            "functions",
        ]}),
        (_("Who comes in"), {"fields": ["admission_policy", "allies_allowed", "ally_share_max"]}),
        (_("Care"), {"fields": ["support_text", "support_text_fr", "territory_text"]}),
        (_("Mail"), {"fields": [
            "contact_email", "postal_address", "newsletter_interval_months",
            "newsletter_sends_itself", "newsletter_counts_clicks",
        ]}),
        (_("Time and language"), {"fields": [
            "timezone", "languages", "default_duration", "programme_start", "programme_end",
            "year_start_month",
        ]}),
        (_("Rules"), {"fields": ["lifecycle_stage", "anonymity_min_n"]}),
    ]  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ANN401
        return super().get_fieldsets(request, obj) if obj else [(None, {"fields": FIRST})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ANN401
        return super().get_readonly_fields(request, obj) if obj else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new community is begun by the administrator, who then gives somebody the role."""
        return bool(request.user.is_superuser)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.communities(request).order_by("name", "pk")

    def community_of(self, obj: Model) -> Community | None:
        return obj if isinstance(obj, Community) else None

    def possible_steps(self, row: Any) -> list[Step]:  # noqa: ANN401
        return steps_of(row)

    @admin.display(description=_("status"), ordering="status")
    def status_badge(self, row: Community) -> SafeString:
        kind, sign = BADGES[row.status]
        return badge(kind, sign, row.get_status_display())

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> HttpResponse:
        row = context.get("original")
        if row is not None and request.method == "GET":
            context |= _standing(row)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:  # noqa: ANN401
        if not change:
            facts = {name: form.cleaned_data[name] for name in FIRST}
            obj.pk = create_community(by=request.user, **facts).pk
            obj.refresh_from_db()
            return
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        if fields:
            update_community(community=obj, by=request.user, **fields)


def _standing(row: Community) -> dict[str, Any]:
    """How it stands: the status, what is still missing, and what a coordinator should know."""
    now = timezone.now()
    today = local_day(row, now)
    kind, sign = BADGES[row.status]
    events = AuditEvent.objects.filter(
        object_type=row._meta.label_lower, object_id=row.public_id, action="community_data_due"
    )
    return {
        "status_badge": badge(kind, sign, row.get_status_display()),
        "parts": parts_of(row, today),
        "people": row.memberships.filter(state__in=Membership.CURRENT_STATES).count(),
        "allies": ally_share(row),
        "role_ends_on": _without_coordinator_from(row, today),
        "data_is_due": row.status == Status.ARCHIVED and events.exists(),
    }


def _without_coordinator_from(row: Community, today: Any) -> Any:  # noqa: ANN401
    """The last day of the last coordinator, where nobody has the role without an end (C2)."""
    grants = row.role_grants.filter(current_grant(on=today), role=RoleGrant.Role.COORDINATOR)
    ends = list(grants.values_list("ends_on", flat=True))
    return None if not ends or None in ends else max(ends)
