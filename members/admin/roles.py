from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.actions import end_role, grant_role
from members.admin.base import CommunityFilter, DeskAdmin
from members.admin.forms import RoleForm
from members.models import RoleGrant

LIST = "admin:members_rolegrant_changelist"


@admin.register(RoleGrant)
class RoleGrantAdmin(DeskAdmin):
    """Who does what. Roles are given and ended by actions, so the history is whole."""

    desk_roles = edit_roles = ("coordinator",)
    may_add = True
    list_display = ["person", "role", "starts_on", "ends_on", "granted_by", "end_link"]
    list_filter = ["role", CommunityFilter]
    list_select_related = ["person", "community", "granted_by"]
    search_fields = ["person__display_name", "person__email"]
    ordering = ["ends_on", "role", "person__display_name", "pk"]
    fields = ["person", "community", "role", "starts_on", "ends_on", "granted_by", "end_link"]
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    @admin.display(description="")
    def end_link(self, row: RoleGrant) -> SafeString | str:
        if row.ends_on and row.ends_on < timezone.now().date():
            return ""
        url = reverse("admin:members_rolegrant_end", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, _("End this role"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.end_view)
        return [path("<int:pk>/end/", view, name="members_rolegrant_end"), *super().get_urls()]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        communities = self.communities(request, *self.edit_roles)
        form = RoleForm(request.POST or None, communities=communities)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                grant_role(
                    community=data["community"], person=data["email"], role=data["role"],
                    ends_on=data["ends_on"], by=request.user, now=timezone.now(),
                )  # fmt: skip
            except ActionError as error:
                form.add_error(None, str(error))
            else:
                text = _("%(person)s has the role now.")
                messages.success(request, text % {"person": data["email"]})
                return HttpResponseRedirect(reverse(LIST))
        context = {
            "title": _("Give a role"),
            "form": form,
            "label": _("Give the role"),
            "back_url": reverse(LIST),
        }
        return self.page(request, "form.html", context)

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = self.get_queryset(request).select_related("person", "community")
        grant = rows.filter(pk=pk).first()
        if grant is None:
            raise Http404
        if request.method == "POST":
            try:
                end_role(grant=grant, by=request.user, now=timezone.now())
            except ActionError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("The role has ended."))
            return HttpResponseRedirect(reverse(LIST))
        context = {
            "title": _("End this role?"),
            "text": _("%(person)s stops being %(role)s of %(community)s at once.")
            % {
                "person": grant.person,
                "role": grant.get_role_display(),
                "community": grant.community,
            },
            "label": _("End the role"),
            "back_url": reverse(LIST),
            "danger": True,
        }
        return self.page(request, "confirm.html", context)
