from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cop.core.models import AuditEvent
from members.admin.base import DeskAdmin
from members.history import names_of, say_action, say_kind, say_reason, say_value

PAPER_OPENED = ("evidence_viewed", "appeal_file_viewed")


class KindFilter(admin.SimpleListFilter):
    """By the kind of thing, in words."""

    title = _("kind of thing")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: DeskAdmin) -> list[tuple[str, str]]:
        kinds = model_admin.get_queryset(request).order_by().values_list("object_type", flat=True)
        return sorted(((kind, say_kind(kind)) for kind in kinds.distinct()), key=lambda row: row[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


class PapersFilter(admin.SimpleListFilter):
    """Who opened whose papers (E7)."""

    title = _("papers")
    parameter_name = "papers"

    def lookups(self, request: HttpRequest, model_admin: DeskAdmin) -> list[tuple[str, Any]]:
        return [("opened", _("Papers opened"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action__in=PAPER_OPENED) if self.value() == "opened" else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(DeskAdmin):
    """Who did what, when and why. Nobody can change a line, here or anywhere."""

    desk_roles = ("coordinator",)
    has_history = False
    list_display = ["at", "what", "thing", "kind", "actor", "before", "after", "why"]
    list_select_related = ["actor"]
    list_filter = [KindFilter, PapersFilter]
    search_fields = ["object_id", "action"]
    ordering = ["-at", "-pk"]
    fields = ["at", "actor", "what", "kind", "thing", "before", "after", "why", "object_id"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = AuditEvent.objects.order_by("-at", "-pk")
        if request.user.is_superuser:
            return rows
        return rows.filter(scope__in=self.communities(request).values("public_id"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:  # noqa: ANN401
        """All names of the page at once, a query for each kind of thing."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        names = names_of(page.result_list)
        for row in page.result_list:
            row.thing_name = names.get((row.object_type, row.object_id), "")
        return page

    def _may(self, request: HttpRequest, obj: Model | None, roles: tuple[str, ...]) -> bool:
        staffed = self.communities(request, *roles)
        if request.user.is_superuser:
            return True
        if isinstance(obj, AuditEvent):
            return staffed.filter(public_id=obj.scope).exists()
        return staffed.exists()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    @admin.display(description=_("what"), ordering="action")
    def what(self, row: AuditEvent) -> str:
        return say_action(row.action)

    @admin.display(description=_("of what kind"), ordering="object_type")
    def kind(self, row: AuditEvent) -> str:
        return say_kind(row.object_type)

    @admin.display(description=_("on which"))
    def thing(self, row: AuditEvent) -> str:
        if not hasattr(row, "thing_name"):
            row.thing_name = names_of([row]).get((row.object_type, row.object_id), "")
        return row.thing_name or _("not there any more")

    @admin.display(description=_("before"))
    def before(self, row: AuditEvent) -> str:
        return say_value(row.object_type, row.old)

    @admin.display(description=_("after"))
    def after(self, row: AuditEvent) -> str:
        return say_value(row.object_type, row.new)

    @admin.display(description=_("why"))
    def why(self, row: AuditEvent) -> str:
        return say_reason(row)
