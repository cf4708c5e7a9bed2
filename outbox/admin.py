from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from outbox.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):
    """What left, what waits, and why something did not go. Nothing here can be typed."""

    list_display = ["kind", "person", "purpose", "state", "reason", "due_at", "ended_at"]
    list_filter = ["state", "purpose", "kind"]
    search_fields = ["person__display_name", "person__email", "key"]
    list_select_related = ["person"]
    ordering = ["-created_at", "pk"]
    show_full_result_count = False
    fields = readonly_fields = [
        "kind", "person", "purpose", "subject", "text", "state", "reason", "due_at", "expires_at",
        "attempts", "last_answer", "created_at", "ended_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        mine = request.user.role_grants.filter(role__in=["coordinator", "editor"], ends_on=None)
        return rows.filter(scope__in=mine.values("community__public_id")).exclude(
            purpose="security"
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if request.user.is_superuser:
            return True
        grants = request.user.role_grants.filter(role__in=["coordinator", "editor"], ends_on=None)
        if obj is not None:
            grants = grants.filter(community__public_id=obj.scope)
        return request.user.is_active and grants.exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


admin.site.index_title = _("Your desk")
