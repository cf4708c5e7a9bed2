from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.admin.base import DeskAdmin, DeskInline
from members.models import Organization, Site


class SiteInline(DeskInline):
    """Street addresses stand here and nowhere else (O1)."""

    model = Site
    edit_roles = ("coordinator", "reviewer")
    verbose_name_plural = _("Houses and centres (staff only)")


@admin.register(Organization)
class OrganizationAdmin(DeskAdmin):
    """Organizations that have to do with the staff member's communities."""

    desk_roles = ("coordinator", "reviewer")
    edit_roles = ("coordinator", "reviewer")
    list_display = ["name", "kind", "city", "status", "is_regulator_or_funder"]
    list_filter = ["status", "kind", "is_regulator_or_funder"]
    search_fields = ["name", "city", "domains"]
    ordering = ["name", "pk"]
    fields = [
        "name", "kind", "status", "city", "domains", "web", "is_indigenous_led",
        "is_regulator_or_funder",
    ]  # fmt: skip
    readonly_fields = ["status"]
    inlines = [SiteInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = Organization.objects.all()
        if not request.user.is_superuser:
            rows = rows.known_to(self.communities(request))
        return rows.order_by("name", "pk")

    def _may(self, request: HttpRequest, obj: Model | None, roles: tuple[str, ...]) -> bool:
        staffed = self.communities(request, *roles)
        if request.user.is_superuser or obj is None or obj.pk is None:
            return staffed.exists()
        return Organization.objects.known_to(staffed).filter(pk=obj.pk).exists()
