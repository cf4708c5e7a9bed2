"""Lists at the desk: sent in, looked at, taken over; and written out."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from members.actions.imports import (
    cancel_import,
    confirm_import,
    export_list,
    export_name,
    start_import,
)
from members.actions.imports.columns import COLUMNS
from members.actions.imports.exports import CONTENT_TYPES
from members.actions.imports.plans import OUTCOMES, SHOWN
from members.actions.imports.runs import has_stopped, progress_of, say_stopped
from members.admin.base import CommunityFilter, DeskAdmin, badge
from members.admin.import_forms import ExportForm, UploadForm
from members.models import ImportRun

State = ImportRun.State
BUSY = (State.WAITING, State.LOOKING, State.RUNNING)
BADGES = {
    State.WAITING: ("info", "hourglass-split"),
    State.LOOKING: ("info", "hourglass-split"),
    State.READY: ("wait", "eye"),
    State.RUNNING: ("info", "hourglass-split"),
    State.DONE: ("good", "check-circle"),
    State.REFUSED: ("bad", "x-circle"),
    State.CANCELLED: ("plain", "archive"),
}
TITLES = {
    "new": gettext_lazy("New"),
    "changed": gettext_lazy("Changed"),
    "duplicate": gettext_lazy("Perhaps twice"),
    "wrong": gettext_lazy("With a mistake"),
    "unchanged": gettext_lazy("As it is"),
}


@admin.register(ImportRun)
class ImportRunAdmin(DeskAdmin):
    """The lists of the staff member's communities. Coordinators only: they hold people's data."""

    may_add = True
    desk_roles = edit_roles = ("coordinator",)
    list_display = ["file_name", "kind", "community", "state_badge", "by", "started_at"]
    list_filter = ["kind", "state", CommunityFilter]
    list_select_related = ["community", "by"]
    ordering = ["-started_at", "-pk"]
    actions = None

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("export/", view(self.export_view), name="members_importrun_export"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: ImportRun) -> SafeString:
        kind, sign = BADGES[State(row.state)]
        return badge(kind, sign, row.get_state_display())

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        mine = self.communities(request)
        kind = {"kind": request.GET["kind"]} if request.GET.get("kind") in COLUMNS else {}
        form = UploadForm(*data, communities=mine, initial=kind)
        if form.is_valid():
            try:
                run = start_import(by=request.user, now=timezone.now(), **form.cleaned_data)
            except ActionError as error:
                form.add_error("file", str(error))
            else:
                return HttpResponseRedirect(_page_of(run))
        context = {
            "title": _("Bring in a list"),
            "form": form,
            "columns": {kind: columns for kind, columns in COLUMNS.items()},
        }
        return self.page(request, "import_upload.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self.get_object(request, unquote(object_id))
        if run is None or not self.has_view_permission(request, run):
            raise Http404
        if request.method == "POST":
            self._act(request, run)
            return HttpResponseRedirect(_page_of(run))
        stopped = run.state in BUSY and has_stopped(run, now=timezone.now())
        context = {
            "title": str(run),
            "run": run,
            "original": run,
            "is_busy": run.state in BUSY and not stopped,
            "failure": say_stopped() if stopped else run.failure,
            "progress": progress_of(run),
            "groups": _groups(run),
            "done": run.report.get("done"),
            "columns": COLUMNS[run.kind],
        }
        return self.page(request, "import_run.html", context)

    def _act(self, request: HttpRequest, run: ImportRun) -> None:
        who: dict[str, Any] = {"run": run, "by": request.user, "now": timezone.now()}
        try:
            if request.POST.get("do") == "cancel":
                cancel_import(**who)
                messages.success(request, _("Cancelled. Nothing was taken over."))
            elif request.POST.get("do") == "take":
                confirm_import(
                    choices=_choices(request),
                    leaves_out_wrong="leave_out" in request.POST,
                    sends_welcome="welcome" in request.POST,
                    **who,
                )
        except ActionError as error:
            messages.error(request, str(error))

    def export_view(self, request: HttpRequest) -> HttpResponse:
        mine = self.communities(request)
        if not mine.exists():
            raise PermissionDenied
        kind = {"kind": request.GET["kind"]} if request.GET.get("kind") in COLUMNS else {}
        data = request.POST if request.method == "POST" else None
        form = ExportForm(data, communities=mine, initial=kind)
        if form.is_valid():
            return _download(request, form)
        context = {
            "title": _("Write a list out"),
            "form": form,
            "label": _("Write it out"),
            "back_url": reverse("admin:members_importrun_changelist"),
        }
        return self.page(request, "import_export.html", context)


def _download(request: HttpRequest, form: ExportForm) -> HttpResponse:
    now, facts = timezone.now(), form.cleaned_data
    data = export_list(by=request.user, now=now, **facts)
    file_format = facts["file_format"]
    response = HttpResponse(data, content_type=CONTENT_TYPES[file_format])
    name = export_name(facts["community"], facts["kind"], file_format, now)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _page_of(run: ImportRun) -> str:
    return reverse("admin:members_importrun_change", args=[run.pk])


def _choices(request: HttpRequest) -> dict[str, str]:
    """Of those that may be known already: which are new all the same."""
    return {
        name.removeprefix("same-"): "new"
        for name, value in request.POST.items()
        if name.startswith("same-") and value == "new" and name.removeprefix("same-").isdecimal()
    }


def _groups(run: ImportRun) -> list[dict[str, Any]]:
    counts, lines = run.report.get("counts", {}), run.report.get("lines", {})
    return [
        {
            "key": outcome,
            "title": TITLES[outcome],
            "count": counts.get(outcome, 0),
            "lines": lines.get(outcome, []),
            "has_more": counts.get(outcome, 0) > SHOWN,
        }
        for outcome in OUTCOMES
    ]
