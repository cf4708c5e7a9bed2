from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from meetings.access import prepares
from meetings.models import Meeting, Rsvp

COLUMNS = ["who", "state", "wait_ticket", "answered_via", "answered_at"]


class RsvpInline(admin.TabularInline):
    """The answers, to read. They change by the person's own hand."""

    model = Rsvp
    fields = readonly_fields = COLUMNS
    extra = 0
    can_delete = False
    ordering = ["state", "wait_ticket", "pk"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ANN401
        """What people need is read by those who prepare this meeting; other staff see no column."""
        reads = isinstance(obj, Meeting) and prepares(obj, request.user)
        return [*COLUMNS, "access_need"] if reads else COLUMNS

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ANN401
        return self.get_fields(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rsvp]:
        return super().get_queryset(request).select_related("person")

    @admin.display(description=gettext_lazy("person"), ordering="person__display_name")
    def who(self, rsvp: Rsvp) -> str:
        return str(rsvp.person)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
