"""What the desk shows across all apps."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from members.models import Community
from outbox.models import Delivery, Purpose

ROLES = ("coordinator", "editor")


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):
    """What left, what waits, and why something did not go. Nothing here can be typed.

    Staff see the mail of their communities, and no code or sign-in link of anybody.
    """

    list_display = ["kind", "person", "purpose", "state", "reason", "due_at", "ended_at"]
    list_filter = ["state", "purpose", "kind"]
    search_fields = ["person__display_name", "person__email", "key"]
    list_select_related = ["person"]
    ordering = ["-created_at", "pk"]
    show_full_result_count = False
    list_per_page = 50
    fields = readonly_fields = [
        "kind",
        "person",
        "purpose",
        "subject",
        "text",
        "state",
        "reason",
        "due_at",
        "expires_at",
        "attempts",
        "last_answer",
        "created_at",
        "ended_at",
    ]

    def _scopes(self, request: HttpRequest) -> QuerySet[Community]:
        return Community.objects.staffed_by(request.user, *ROLES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows = super().get_queryset(request).exclude(purpose=Purpose.SECURITY)
        if request.user.is_superuser:
            return rows
        return rows.filter(scope__in=self._scopes(request).values("public_id"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if request.user.is_superuser:
            return True
        scopes = self._scopes(request)
        if obj is not None:
            scopes = scopes.filter(public_id=obj.scope)
        return scopes.exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
