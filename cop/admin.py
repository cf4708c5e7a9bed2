"""What the desk shows across all apps."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop import desk_bounces, desk_lists  # noqa: F401  their pages register on import
from cop.desk_mail import batch_subject, say_kind, say_why, without_marks
from cop.outgoing.scope import EDITED_KINDS
from cop.outgoing.tabs import mail_tabs
from members.desk_plain import FoldedNames, PlainPeople
from members.models import Community
from outbox.models import Delivery, Purpose

ROLES = ("coordinator", "editor")


class KindFilter(admin.SimpleListFilter):
    """By the kind of mail, in words."""

    title = gettext_lazy("message")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        kinds = model_admin.get_queryset(request).order_by().values_list("kind", flat=True)
        return sorted(((kind, say_kind(kind)) for kind in kinds.distinct()), key=lambda row: row[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(FoldedNames, PlainPeople, admin.ModelAdmin):
    """What left, what waits, and why something did not go. Nothing here can be typed.

    Staff see the mail of their communities, and no code or sign-in link of anybody.
    """

    list_display = ["title", "person", "state", "when", "about", "why"]
    list_filter = ["state", KindFilter, "purpose"]
    search_fields = ["subject", "person__display_name", "person__email"]
    search_help_text = gettext_lazy("Subject, name or address")
    list_select_related = ["person"]
    ordering = ["-created_at", "pk"]
    show_full_result_count = False
    list_per_page = 50
    fields = readonly_fields = [
        "title", "person", "about", "purpose", "body", "state", "why", "due_at", "expires_at",
        "attempts", "last_answer", "created_at", "ended_at",
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("subject"), ordering="subject")
    def title(self, row: Delivery) -> str:
        return row.subject or row.batch_subject or say_kind(row.kind)

    @admin.display(description=gettext_lazy("message"), ordering="kind")
    def about(self, row: Delivery) -> str:
        return say_kind(row.kind)

    @admin.display(description=gettext_lazy("when"), ordering="due_at")
    def when(self, row: Delivery) -> Any:  # noqa: ANN401
        return row.ended_at or row.due_at

    @admin.display(description=gettext_lazy("why"), ordering="reason")
    def why(self, row: Delivery) -> str:
        return say_why(row.reason)

    @admin.display(description=gettext_lazy("text"))
    def body(self, row: Delivery) -> str:
        text = row.text
        if not text and row.batch is not None:
            contents = row.batch.contents
            text = (contents.get(row.language) or contents.get("en") or {}).get("text", "")
        return without_marks(text, _("(personal link)"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {"title": _("All mail"), **mail_tabs("all"), **(extra_context or {})}
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        named = {"title": self.title(row), "subtitle": None, "named_by_title": True} if row else {}
        return super().change_view(request, object_id, form_url, {**named, **(extra_context or {})})

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """A mail has no history beyond its own page."""
        raise Http404

    def _scopes(self, request: HttpRequest) -> QuerySet[Community]:
        return Community.objects.staffed_by(request.user, *ROLES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows = super().get_queryset(request).exclude(purpose=Purpose.SECURITY)
        rows = rows.annotate(batch_subject=batch_subject())
        if request.user.is_superuser:
            return rows
        coordinated = Community.objects.staffed_by(request.user, "coordinator")
        own = Q(scope__in=coordinated.values("public_id"))
        edited = Q(scope__in=self._scopes(request).values("public_id"), kind__in=EDITED_KINDS)
        return rows.filter(own | edited)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if request.user.is_superuser:
            return True
        scopes = self._scopes(request)
        if obj is not None:
            scopes = scopes.filter(public_id=obj.scope)
            if obj.kind not in EDITED_KINDS:
                scopes &= Community.objects.staffed_by(request.user, "coordinator")
        return scopes.exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
