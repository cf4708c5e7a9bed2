from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, Model, QuerySet, When
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from library.actions import edit_resource, publish_resource, return_resource, withdraw_resource
from library.admin_pages import ResourcePages
from library.desk_forms import ResourceDeskForm
from library.forms import ReasonForm
from library.models import Resource
from library.steps import CHECKS, STEPS, Step
from members.desk import CommunityAdmin


@admin.register(Resource)
class ResourceAdmin(ResourcePages, CommunityAdmin):
    """The librarian's queue. States change by the buttons, words by the form."""

    form = ResourceDeskForm
    desk_roles = edit_roles = Resource.KEEPER_ROLES
    change_form_template = "library/admin/resource_change_form.html"
    list_display = ["short_title", "kind", "state", "visibility", "submitted_by", "created_at"]
    list_filter = ["state", "kind", "language", "visibility"]
    search_fields = ["title", "summary"]
    list_select_related = ["submitted_by", "community"]
    # What waits comes first, the longest wait on top.
    ordering = [
        Case(When(state=Resource.State.IN_REVIEW, then=F("created_at")), default=None),
        "-created_at",
        "pk",
    ]
    readonly_fields = [
        "community", "state", "return_reason", "submitted_by", "created_at", "published_at",
        "content", "scan_state",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["community", "state", "return_reason", "content", "scan_state"]}),
        (gettext_lazy("Words"), {"fields": [
            "title", "summary", "kind", "language", "topics", "source", "sensitivity",
            "reading_minutes",
        ]}),
        (gettext_lazy("Content: exactly one"), {"fields": ["url", "body", "new_file"]}),
        (gettext_lazy("Who may see and use it"), {"fields": [
            "visibility", "rights", "review_due_on",
        ]}),
        (gettext_lazy("History"), {"fields": ["submitted_by", "created_at", "published_at"]}),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def short_title(self, resource: Resource) -> str:
        return Truncator(resource.title).chars(60)

    @admin.display(description=gettext_lazy("file or link"))
    def content(self, resource: Resource) -> SafeString | str:
        if resource.file:
            slug = resource.community.slug
            url = reverse("library:resource_file", args=[slug, resource.public_id])
            return format_html('<a href="{}">{}</a>', url, resource.file_name)
        if resource.url:
            link = '<a href="{}" rel="noopener noreferrer">{}</a>'
            return format_html(link, resource.url, resource.url)
        return _("A text, see below")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Resource]:
        return super().get_queryset(request).defer("head", "search")

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:  # noqa: ANN401
        return type("Form", (super().get_form(request, obj, **kwargs),), {"acting": request.user})

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Resource:  # noqa: ANN401
        return form.instance

    def save_model(self, request: HttpRequest, obj: Resource, form: Any, change: bool) -> None:  # noqa: ANN401
        data = dict(form.cleaned_data)
        upload = data.pop("new_file", None)
        fields = {name: data[name] for name in form.changed_data if name in data}
        if fields or upload:
            edit_resource(resource=obj, by=request.user, upload=upload, **fields)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ANN401
        """There are no related rows, and nothing left to save."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        resource = self.get_object(request, unquote(object_id))
        may = resource is not None and self.has_change_permission(request, resource)
        steps = [
            (
                step.label,
                reverse(f"admin:library_resource_{step.name}", args=[resource.pk]),
                _look(step),
            )
            for step in STEPS.values()
            if may and resource.state in step.from_states
        ]
        has_primary = any(look == "primary" for _label, _url, look in steps)
        extra = {"steps": steps, "has_primary_step": has_primary, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(partial(self.step_view, name=name)),
                name=f"library_resource_{name}",
            )
            for name in STEPS
        ]
        return own + super().get_urls()

    def step_view(self, request: HttpRequest, object_id: str, *, name: str) -> HttpResponse:
        """Ask once more, with the reason where one is needed; then one action."""
        step, resource = STEPS[name], self.get_object(request, unquote(object_id))
        if resource is None:
            raise Http404
        if not self.has_change_permission(request, resource):
            raise PermissionDenied
        form_class = ReasonForm if step.needs_reason else Form
        form = form_class(request.POST if request.method == "POST" else None)
        if form.is_valid():
            action = partial(ACTIONS[name], **form.cleaned_data)
            return self._do(request, resource, action, step.done)
        context = {
            **self.admin_site.each_context(request),
            "title": step.heading,
            "step": step,
            "look": _look(step),
            "form": form,
            "checks": CHECKS.get(resource.kind, []) if name == "publish" else [],
            "opts": self.opts,
            "original": resource,
        }
        return TemplateResponse(request, "library/admin/resource_step.html", context)

    def _do(
        self,
        request: HttpRequest,
        resource: Resource,
        action: Callable[..., Any],
        done: Any,  # noqa: ANN401
    ) -> HttpResponse:
        try:
            action(resource=resource, by=request.user)
        except ActionError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, str(done) % {"title": resource.title}, messages.SUCCESS)
        return redirect("admin:library_resource_change", resource.pk)


def _look(step: Step) -> str:
    """How its button looks: the one main thing, what takes away, or neither."""
    return {"publish": "primary", "withdraw": "danger"}.get(step.name, "plain")


def _publish(**words: Any) -> None:  # noqa: ANN401
    publish_resource(now=timezone.now(), **words)


def _return(**words: Any) -> None:  # noqa: ANN401
    return_resource(now=timezone.now(), **words)


ACTIONS = {"publish": _publish, "return": _return, "withdraw": withdraw_resource}
