"""Django admin as the desk: staff see the communities for which they hold a role, and no others."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.forms import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.desk_plain import PlainPeople
from members.history import describe
from members.models import Community, RoleGrant
from members.models.communities import current_grant, role_holds
from members.queries import history_of

ALL_DESK_ROLES = tuple(role.value for role in RoleGrant.DESK_ROLES)


def roles_held(request: HttpRequest) -> dict[int, set[str]]:
    """Community -> roles of whoever asks. Read once a request: the menu asks for every list."""
    if not hasattr(request, "_roles_held"):
        held: dict[int, set[str]] = {}
        if request.user.is_authenticated:
            grants = RoleGrant.objects.filter(
                current_grant(), role_holds(request.user), person=request.user
            )
            for community, role in grants.values_list("community_id", "role"):
                held.setdefault(community, set()).add(role)
        request._roles_held = held
    return request._roles_held


class CommunityAdmin(PlainPeople, admin.ModelAdmin):
    """A list of the desk, cut down to the staff member's communities.

    `community_path`: the lookup from the row to its community. `desk_roles`: who may open it;
    `edit_roles`: who may change it. States change by actions (buttons), never by typing (G1).
    """

    community_path = "community"
    desk_roles: tuple[str, ...] = ALL_DESK_ROLES
    edit_roles: tuple[str, ...] = ("coordinator",)
    may_add = False
    may_delete = False
    has_history = True
    show_full_result_count = False
    list_per_page = 20

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The community by its short name, and only for those who work for several."""
        several = request.user.is_superuser or len(roles_held(request)) > 1
        short = {"community": "community_name"}
        names = super().get_list_display(request)
        return [short.get(name, name) for name in names if several or name not in short]

    @admin.display(description=gettext_lazy("community"), ordering="community__short_name")
    def community_name(self, row: Any) -> str:  # noqa: ANN401
        return row.community.short_name

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> HttpResponse:
        # Under this name Django's page would say it in its own words as well.
        context["problems"] = context.pop("errors", None)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Our own history in place of Django's, which is not written."""
        obj = self.get_object(request, unquote(object_id)) if self.has_history else None
        if obj is None or not self.has_view_permission(request, obj):
            raise Http404
        key = (self.opts.label_lower, str(getattr(obj, "public_id", obj.pk)))
        scopes = self.communities(request).values("public_id")
        events = [describe(row, request.user.timezone) for row in history_of([key], scopes)[:100]]
        context = {"title": _("History of %(thing)s") % {"thing": obj}, "history": events}
        return self.page(request, "history.html", {**context, "original": obj})

    def page(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        """One of our own pages in the frame of the desk."""
        full = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/members/{template}", full, status=status)

    def communities(self, request: HttpRequest, *roles: str) -> QuerySet[Community]:
        """As Community.staffed_by says, from the roles that this request has read already."""
        if request.user.is_superuser:
            return Community.objects.all()
        return Community.objects.filter(pk__in=self.held_keys(request, *roles))

    def held_keys(self, request: HttpRequest, *roles: str) -> list[int]:
        wanted = set(roles or self.desk_roles)
        return [key for key, held in roles_held(request).items() if held & wanted]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(**{f"{self.community_path}__in": self.held_keys(request)})

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

    def response_add(
        self, request: HttpRequest, obj: Model, post_url_continue: str | None = None
    ) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return self._saved(request, obj)

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        return self._saved(request, obj)

    def _saved(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """Say so in our own words, then go where the button leads."""
        named = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        page = reverse(f"{named}_change", args=[obj.pk])
        link = format_html('<a href="{}">{}</a>', page, obj)
        told = format_html(_("Saved: {thing}"), thing=link)
        self.message_user(request, told, messages.SUCCESS)
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        if "_continue" in request.POST:
            return redirect(add_preserved_filters(filters, page))
        if "_addanother" in request.POST:
            return redirect(add_preserved_filters(filters, reverse(f"{named}_add")))
        return self.response_post_save_change(request, obj)
