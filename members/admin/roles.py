from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from members.actions import end_role, grant_role
from members.admin.base import CommunityFilter, DeskAdmin
from members.admin.forms import RoleForm
from members.models import RoleGrant
from members.models.communities import current_grant

LIST = "admin:members_rolegrant_changelist"


class InForceFilter(admin.SimpleListFilter):
    """Who does what today; who did it once is one tap away."""

    title = gettext_lazy("state")
    parameter_name = "force"

    def lookups(self, request: HttpRequest, model_admin: DeskAdmin) -> list[tuple[str, str]]:
        return [
            ("current", _("Current")),
            ("coming", _("Coming")),
            ("ended", _("Ended")),
            ("all", _("All")),
        ]

    def choices(self, changelist: Any) -> Any:  # noqa: ANN401
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "current") == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or "current"
        if value == "coming":
            return queryset.filter(starts_on__gt=timezone.now().date())
        if value == "ended":
            return queryset.filter(ends_on__lt=timezone.now().date())
        return queryset if value == "all" else queryset.filter(current_grant())


@admin.register(RoleGrant)
class RoleGrantAdmin(DeskAdmin):
    """Who does what. Roles are given and ended by actions, so the history is whole."""

    desk_roles = edit_roles = ("coordinator",)
    may_add = True
    list_display = [
        "person", "role", "community", "starts_on", "ends_on", "granted_by", "end_link",
    ]  # fmt: skip
    list_filter = [InForceFilter, "role", CommunityFilter]
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
        """First who and what, then once more with the name; then the action."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        communities = self.communities(request, *self.edit_roles)
        form = RoleForm(request.POST or None, communities=communities)
        if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
            if "confirmed" not in request.POST:
                return self.page(request, "confirm.html", _asked(form))
            if self._grant(request, form):
                return HttpResponseRedirect(reverse(LIST))
        context = {
            "title": _("Give a role"),
            "form": form,
            "label": _("Give the role"),
            "back_url": reverse(LIST),
        }
        return self.page(request, "form.html", context)

    def _grant(self, request: HttpRequest, form: RoleForm) -> bool:
        data = form.cleaned_data
        days = {"starts_on": data["starts_on"], "ends_on": data["ends_on"]}
        who = {"person": data["email"], "role": data["role"], "by": request.user}
        try:
            with transaction.atomic():
                for community in data["community"]:
                    grant_role(community=community, now=timezone.now(), **who, **days)
        except ActionError as error:
            form.add_error(None, str(error))
            return False
        text = _("%(person)s has the role now.")
        if data["starts_on"] and data["starts_on"] > timezone.now().date():
            text = _("%(person)s has the role from that day on.")
        messages.success(request, text % {"person": data["email"]})
        return True

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


def _asked(form: RoleForm) -> dict[str, Any]:
    data = form.cleaned_data
    names = {
        "person": data["email"],
        "email": data["email"].email,
        "role": RoleGrant.Role(data["role"]).label,
        "community": ", ".join(str(one) for one in data["community"]),
        "first": date_format(data["starts_on"] or timezone.now().date(), "j F Y"),
        "last": date_format(data["ends_on"], "j F Y") if data["ends_on"] else "",
    }
    text = _("%(person)s (%(email)s) becomes %(role)s of %(community)s at once.")
    if data["starts_on"] and data["starts_on"] > timezone.now().date():
        text = _("%(person)s (%(email)s) becomes %(role)s of %(community)s on %(first)s.")
    words = [text % names]
    if data["ends_on"]:
        words.append(_("The last day is %(last)s.") % names)
    answers = [("community", str(one.pk)) for one in data["community"]]
    answers += [
        (name, form[name].value() or "") for name in ("email", "role", "starts_on", "ends_on")
    ]
    return {
        "title": _("Give this role?"),
        "text": " ".join(words),
        "label": _("Give the role"),
        "answers": answers,
    }
