from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from members.admin.base import CommunityFilter, DeskAdmin, badge
from members.admin.evidence_steps import EvidenceSteps
from members.documents import document_response, reading_state
from members.history import say_code
from members.models import Evidence

# Where there is nothing to open: what is said in its place.
WITHOUT_A_WAY = {
    "deleted": _("The file is deleted."),
    "waits": _("Being checked for harmful content. It opens once that is done."),
    "harmful": _("Stays closed: our scanner found something harmful in it."),
}
BADGES = {
    "verified": ("good", "check-circle"),
    "expiring": ("wait", "clock"),
    "under_challenge": ("wait", "exclamation-triangle"),
    "submitted": ("info", "inbox"),
    "doubtful": ("wait", "question-circle"),
    "rejected": ("bad", "x-circle"),
    "revoked": ("bad", "x-circle"),
    "expired": ("bad", "clock"),
}


@admin.register(Evidence)
class EvidenceAdmin(EvidenceSteps, DeskAdmin):
    """What organizations showed. Decided with the application, or by the steps of its own page."""

    community_path = "criterion__community"
    desk_roles = ("coordinator", "reviewer")
    edit_roles = ()
    list_display = ["organization", "criterion", "site", "state_badge", "valid_to", "checked_at"]
    list_filter = ["state", CommunityFilter]
    list_select_related = ["organization", "criterion__community", "checked_by", "site"]
    search_fields = ["organization__name", "reference"]
    ordering = ["-submitted_at", "-pk"]
    fields = [
        "organization", "criterion", "site", "kind", "reference", "issuer", "holder_name",
        "register_url", "state_badge", "reason", "note", "valid_from", "valid_to", "document_link",
        "submitted_by", "submitted_at", "checked_by", "checked_at", "check_method",
    ]  # fmt: skip
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> HttpResponse:
        context["steps"] = self.steps_of(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, row: Evidence) -> SafeString:
        kind, sign = BADGES.get(row.state, ("plain", "archive"))
        return badge(kind, sign, row.get_state_display())

    @admin.display(description=_("reason"))
    def reason(self, row: Evidence) -> str:
        return say_code(row.reason_code)

    @admin.display(description=_("document"))
    def document_link(self, row: Evidence) -> SafeString | str:
        state = reading_state(row)
        if state != "open":
            return WITHOUT_A_WAY.get(state, "–")
        url = reverse("admin:members_evidence_document", args=[row.pk])
        noted = _("opening is noted")
        return format_html('<a href="{}">{}</a> ({})', url, row.document_name, noted)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.document_view)
        own = path("<int:pk>/document/", view, name="members_evidence_document")
        return [own, *super().get_urls()]

    def document_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The paper itself, for reviewers of this community; each opening leaves a line (E7)."""
        rows = self.get_queryset(request).select_related("criterion__community")
        evidence = rows.filter(pk=pk).first()
        if evidence is None or not self.has_view_permission(request, evidence):
            raise Http404
        return document_response(request, evidence)
