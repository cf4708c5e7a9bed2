"""Many resources at once, at the desk: sent in, looked at, taken over; and all of them out."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from library.actions.imports import BUSY, confirm_import, drop_import, start_import
from library.admin_frame import desk_page
from library.exports import template_lines
from library.import_forms import FolderForm
from library.importing.columns import NAMES
from library.models import LibraryImport, Resource, Visibility
from members.admin.base import CommunityFilter, badge
from members.desk import CommunityAdmin
from members.models import Community

State = LibraryImport.State
PAGE = 50
BADGES = {
    State.READING: ("info", "hourglass-split"),
    State.READY: ("wait", "eye"),
    State.RUNNING: ("info", "hourglass-split"),
    State.DONE: ("good", "check-circle"),
    State.FAILED: ("bad", "x-circle"),
}
SHOWS = {
    "good": gettext_lazy("Good"),
    "bad": gettext_lazy("With a mistake"),
    "same": gettext_lazy("There already"),
    "taken": gettext_lazy("Taken over"),
    "left": gettext_lazy("Left out"),
}


class ImportAdmin(CommunityAdmin):
    """For librarians and coordinators, of their own communities."""

    may_add = True
    desk_roles = edit_roles = Resource.KEEPER_ROLES
    change_list_template = "library/admin/import_change_list.html"
    list_display = ["what", "community", "state_badge", "by", "created_at"]
    list_filter = ["state", CommunityFilter]
    list_select_related = ["community", "by"]
    ordering = ["-created_at", "-pk"]
    actions = None

    class Media:
        css = {"all": ["css/review.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("template/", view(self.template_view), name="library_libraryimport_template"),
            path("out/", view(self.out_view), name="library_libraryimport_out"),
        ]
        return own + super().get_urls()

    @admin.display(description=gettext_lazy("folder"), ordering="pk")
    def what(self, run: LibraryImport) -> str:
        return _("Folder %(number)s") % {"number": run.pk}

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, run: LibraryImport) -> SafeString:
        kind, sign = BADGES[State(run.state)]
        return badge(kind, sign, run.get_state_display())

    def template_view(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_add_permission(request):
            raise PermissionDenied
        response = StreamingHttpResponse(template_lines(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="resources.csv"'
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def out_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        mine = self.communities(request).order_by("name", "pk")
        opened = set(
            Community.objects.opening(request.user, "members").values_list("pk", flat=True)
        )
        rows = [(community, community.pk in opened) for community in mine]
        context = {"title": _("Take everything out"), "rows": rows}
        return desk_page(self, request, "import_out.html", context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = FolderForm(*data, communities=self.communities(request))
        if form.is_valid():
            try:
                run = start_import(by=request.user, now=timezone.now(), **form.cleaned_data)
            except ActionError as error:
                form.add_error("file", str(error))
            else:
                return HttpResponseRedirect(_page_of(run))
        context = {
            "title": _("Bring many at once"),
            "form": form,
            "columns": [names[0] for names in NAMES.values()],
            "kinds": Resource.Kind.choices,
            "rights": Resource.Rights.choices,
            "audiences": Visibility.choices,
        }
        return desk_page(self, request, "import_upload.html", context)

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
            return self._act(request, run)
        return desk_page(self, request, "import_run.html", _context(request, run))

    def _act(self, request: HttpRequest, run: LibraryImport) -> HttpResponse:
        try:
            if request.POST.get("do") == "drop":
                drop_import(run=run, by=request.user)
                messages.success(request, _("Thrown away. Nothing was taken over."))
                return HttpResponseRedirect(reverse("admin:library_libraryimport_changelist"))
            if request.POST.get("do") == "take":
                confirm_import(
                    run=run, by=request.user, publish="publish" in request.POST,
                    takes_same="same" in request.POST,
                )  # fmt: skip
        except ActionError as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(_page_of(run))


def _context(request: HttpRequest, run: LibraryImport) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in SHOWS}
    for row in run.rows:
        for name in _groups_of(row, run.state):
            groups[name].append(row)
    show = request.GET.get("show", "")
    rows = groups.get(show, run.rows)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for row in page:
        row["kind_name"] = dict(Resource.Kind.choices).get(row.get("kind", ""), "")
        row["seen_by"] = dict(Visibility.choices).get(row.get("visibility", ""), "")
    seen = sum(bool(row["state"]) for row in run.rows)
    taken, wanted = len(groups["taken"]), sum(bool(row.get("take")) for row in run.rows)
    return {
        "title": _("Folder %(number)s") % {"number": run.pk},
        "run": run, "original": run, "page": page, "show": show if show in groups else "",
        "counts": [(name, SHOWS[name], len(groups[name])) for name in SHOWS if groups[name]],
        "good": len(groups["good"]), "same": len(groups["same"]),
        "is_busy": run.state in BUSY,
        "through": seen if run.state == State.READING else taken + _failed(run),
        "total": len(run.rows) if run.state == State.READING else wanted,
        "taken": taken, "out": sum(bool(row.get("out")) for row in run.rows),
        "slug": run.community.slug,
    }  # fmt: skip


def _groups_of(row: dict[str, Any], state: str) -> list[str]:
    if state in {State.READING, State.READY}:
        return [row["state"]] if row["state"] else []
    return ["taken"] if row.get("id") else ["left"]


def _failed(run: LibraryImport) -> int:
    return sum(bool(row.get("failed")) for row in run.rows)


def _page_of(run: LibraryImport) -> str:
    return reverse("admin:library_libraryimport_change", args=[run.pk])
