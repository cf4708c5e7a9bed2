from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.admin.base import CommunityFilter, DeskAdmin
from members.models import Membership, User


@admin.register(Membership)
class MembershipAdmin(DeskAdmin):
    """Who belongs. Read and search; standing changes by decisions, never by typing."""

    desk_roles = ("coordinator", "reviewer")
    list_display = ["person", "email", "category", "state", "joined_on", "ended_on"]
    list_filter = ["state", "category", CommunityFilter]
    list_select_related = ["person", "community"]
    search_fields = ["person__display_name", "person__email"]
    ordering = ["person__display_name", "pk"]
    fields = [
        "person", "email", "community", "category", "state", "joined_on", "ended_on", "end_reason",
    ]  # fmt: skip
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    @admin.display(description=_("e-mail address"))
    def email(self, row: Membership) -> str:
        return row.person.email


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

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False
