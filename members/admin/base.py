"""What the desk pages of this app share: scoped, audited, saving only what was changed."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from cop.core import audit
from cop.core.templatetags.cop import icon
from members.desk import CommunityAdmin
from members.models import Community

SECURE_LINKS = {models.URLField: {"assume_scheme": "https"}}
# A page with twenty texts: boxes of four lines, which grow by their corner.
SHORT_TEXTS = {
    **SECURE_LINKS,
    models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})},
}


def badge(kind: str, icon_name: str, label: object) -> SafeString:
    """A state: colour, sign and word together."""
    return format_html('<span class="badge badge-{}">{} {}</span>', kind, icon(icon_name), label)


class DeskAdmin(CommunityAdmin):
    """A page of the desk. Texts are typed and saved; each save leaves a line of history."""

    formfield_overrides = SECURE_LINKS

    class Media:
        css = {"all": ["css/review.css"]}

    def audit_scope(self, request: HttpRequest, obj: Model) -> str:
        community = self.community_of(obj) or self.communities(request).order_by("pk").first()
        return community.public_id if community else ""

    def note(self, request: HttpRequest, obj: Model, what: str, changed: list[str]) -> None:
        audit.record(
            f"{self.opts.model_name}_{what}", obj, by=request.user,
            scope=self.audit_scope(request, obj), reason=", ".join(changed),
        )  # fmt: skip

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:  # noqa: ANN401
        if not change:
            obj.save(force_insert=True)
            self.note(request, obj, "added", [])
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)
            self.note(request, obj, "changed", form.changed_data)

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: BaseInlineFormSet, change: bool
    ) -> None:
        formset.save(commit=False)
        name = formset.model._meta.model_name
        for obj in formset.new_objects:
            obj.save(force_insert=True)
            self.note(request, form.instance, "changed", [f"{name} added"])
        for obj, changed in formset.changed_objects:
            obj.save(update_fields=changed)
            self.note(request, form.instance, "changed", [f"{name}: {', '.join(changed)}"])

    # Django's own log would keep people's names for ever; our history keeps ids (AuditEvent).
    def log_addition(self, *args: Any) -> None:  # noqa: ANN401
        return None

    def log_change(self, *args: Any) -> None:  # noqa: ANN401
        return None


class DeskInline(admin.StackedInline):
    """Rows that belong to the row of the page: whoever may change that one may change these."""

    extra = 0
    edit_roles: tuple[str, ...] = ("coordinator",)
    can_delete = False

    def _may(self, request: HttpRequest) -> bool:
        return Community.objects.staffed_by(request.user, *self.edit_roles).exists()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)


class CommunityFilter(admin.SimpleListFilter):
    """By community, naming only those of this staff member; not shown for a single one."""

    title = gettext_lazy("community")
    parameter_name = "community"

    def lookups(self, request: HttpRequest, model_admin: CommunityAdmin) -> list[tuple[str, str]]:
        self.path = model_admin.community_path
        if not request.user.is_superuser and len(model_admin.held_keys(request)) < 2:
            return []
        rows = model_admin.communities(request).order_by("name", "pk")
        return [(row.slug, row.short_name) for row in rows]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value():
            return queryset.filter(**{f"{self.path}__slug": self.value()})
        return queryset
