"""Django admin as the desk: staff see the communities for which they hold a role, and no others."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from members.models import Community, RoleGrant
from members.models.communities import current_grant

ALL_DESK_ROLES = tuple(role.value for role in RoleGrant.DESK_ROLES)


def roles_held(request: HttpRequest) -> dict[int, set[str]]:
    """Community -> roles of whoever asks. Read once a request: the menu asks for every list."""
    if not hasattr(request, "_roles_held"):
        held: dict[int, set[str]] = {}
        if request.user.is_authenticated:
            grants = RoleGrant.objects.filter(current_grant(), person=request.user)
            for community, role in grants.values_list("community_id", "role"):
                held.setdefault(community, set()).add(role)
        request._roles_held = held
    return request._roles_held


class CommunityAdmin(admin.ModelAdmin):
    """A list of the desk, cut down to the staff member's communities.

    `community_path`: the lookup from the row to its community. `desk_roles`: who may open it;
    `edit_roles`: who may change it. States change by actions (buttons), never by typing (G1).
    """

    community_path = "community"
    desk_roles: tuple[str, ...] = ALL_DESK_ROLES
    edit_roles: tuple[str, ...] = ("coordinator",)
    may_add = False
    may_delete = False
    show_full_result_count = False
    list_per_page = 50

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def communities(self, request: HttpRequest, *roles: str) -> QuerySet[Community]:
        return Community.objects.staffed_by(request.user, *(roles or self.desk_roles))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(**{f"{self.community_path}__in": self.communities(request)})

    def community_of(self, obj: Model) -> Community | None:
        for step in self.community_path.split("__"):
            obj = getattr(obj, step, None)
            if obj is None:
                return None
        return obj if isinstance(obj, Community) else None

    def _may(self, request: HttpRequest, obj: Model | None, roles: tuple[str, ...]) -> bool:
        if request.user.is_superuser:
            return True
        held = roles_held(request)
        community = self.community_of(obj) if obj is not None else None
        if community is not None:
            return bool(held.get(community.pk, set()) & set(roles))
        return any(here & set(roles) for here in held.values())

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, obj, self.desk_roles)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, obj, self.edit_roles)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_add and self._may(request, None, self.edit_roles)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_delete and self._may(request, obj, self.edit_roles)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field:  # noqa: ANN401
        if db_field.related_model is Community:
            kwargs["queryset"] = self.communities(request, *self.edit_roles)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
