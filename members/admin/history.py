from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cop.core.models import AuditEvent
from members.admin.base import DeskAdmin
from members.history import say_action


@admin.register(AuditEvent)
class AuditEventAdmin(DeskAdmin):
    """Who did what, when and why. Nobody can change a line, here or anywhere."""

    desk_roles = ("coordinator",)
    list_display = ["at", "actor", "what", "object_type", "old", "new", "reason"]
    list_select_related = ["actor"]
    list_filter = ["object_type"]
    search_fields = ["object_id", "action"]
    ordering = ["-at", "-pk"]
    fields = ["at", "actor", "what", "object_type", "object_id", "old", "new", "reason"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = AuditEvent.objects.order_by("-at", "-pk")
        if request.user.is_superuser:
            return rows
        return rows.filter(scope__in=self.communities(request).values("public_id"))

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
