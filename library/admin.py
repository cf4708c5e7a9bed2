from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db.models import Case, F, Model, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from library.actions import (
    archive_resource,
    check_consents,
    confirm_resource,
    drop_versions,
    edit_resource,
    publish_resource,
    replace_content,
    restore_resource,
    return_resource,
    supersede_resource,
    withdraw_resource,
)
from library.admin_collections import CollectionAdmin
from library.admin_imports import ImportAdmin
from library.admin_lists import QueueFilter
from library.admin_pages import ResourcePages
from library.captions import as_vtt
from library.desk_forms import ResourceDeskForm, step_form
from library.models import LibraryImport, Resource
from library.queries.names import members_named_in
from library.rules import hints_for, missing_for
from library.steps import STEPS, Step
from members.desk import CommunityAdmin

__all__ = ["CollectionAdmin", "ResourceAdmin"]


Kind = Resource.Kind
FOLDED = {"classes": ["collapse"]}
# By the first field of a group: the kinds it is for.
OF_KINDS = {
    "used_where": {Kind.BEST_PRACTICE, Kind.CASE_STUDY},
    "new_captions": {Kind.RECORDING},
}


@admin.register(Resource)
class ResourceAdmin(ResourcePages, CommunityAdmin):
    """The librarian's queue. States change by the buttons, words by the form."""

    form = ResourceDeskForm
    desk_roles = edit_roles = Resource.KEEPER_ROLES
    change_form_template = "library/admin/resource_change_form.html"
    change_list_template = "library/admin/resource_change_list.html"
    list_display = [
        "short_title", "kind", "state", "visibility", "submitted_by", "created_at", "review_due_on",
        "link_says",
    ]  # fmt: skip
    list_filter = [QueueFilter, "state", "kind", "language", "visibility"]
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
        "content", "scan_state", "text_state", "version", "still_to_do", "link_state",
        "link_problem", "checked_by",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": [
            "community", "state", "return_reason", "still_to_do", "content",
        ]}),
        (gettext_lazy("Words"), {"fields": [
            "title", "summary", "kind", "language", "topics", "audience_tags", "sensitivity",
            "sensitivity_note", "reading_minutes",
        ]}),
        (gettext_lazy("Content: exactly one"), {"fields": [
            "url", "body", "new_file", "change_note", "seen",
        ]}),
        (gettext_lazy("Where it comes from"), {"fields": [
            "source", "publisher", "edition", "date_of_source", "is_external", "evidence",
            "publisher_note",
        ]}),
        (gettext_lazy("Of a practice or a story"), {"fields": [
            "used_where", "limits", "organization", "organization_consent",
        ]}),
        (gettext_lazy("Of a recording"), {"fields": [
            "new_captions", "transcript", "chapters", "expires_on",
        ]}),
        (gettext_lazy("Who may see and use it"), {"fields": ["visibility", "rights", "stream"]}),
        (gettext_lazy("Reviews"), {"fields": [
            "steward", "review_due_on", "link_state", "link_problem",
        ]}),
        (gettext_lazy("History"), {"classes": ["collapse"], "fields": [
            "submitted_by", "created_at", "published_at", "checked_by", "version", "scan_state",
            "text_state",
        ]}),
    ]  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:  # noqa: ANN401
        """What other kinds have is folded away."""
        kind = getattr(obj, "kind", "")
        return [
            (name, more if kind in OF_KINDS.get(more["fields"][0], {kind}) else more | FOLDED)
            for name, more in super().get_fieldsets(request, obj)
        ]

    @admin.display(description=gettext_lazy("link"), ordering="link_state")
    def link_says(self, resource: Resource) -> str:
        """Only what is wrong with it."""
        silent = {Resource.LinkState.SHAKY, Resource.LinkState.DEAD}
        return resource.get_link_state_display() if resource.link_state in silent else "–"

    @admin.display(description=gettext_lazy("before it can be published"))
    def still_to_do(self, resource: Resource) -> SafeString | str:
        if resource.is_shown:
            return _("It is in the library.")
        missing = [*missing_for(resource), *_consents_of(resource)]
        if not missing:
            return _("Nothing: it is complete.")
        return format_html_join("", "<p>{}</p>", ([text] for text in missing))

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
        upload, note = data.pop("new_file", None), data.pop("change_note", "")
        seen, cues = data.pop("seen", None), data.pop("new_captions", [])
        fields = {name: data[name] for name in form.changed_data if name in data}
        if cues:
            fields["captions"] = ContentFile(as_vtt(cues).encode(), name="captions.vtt")
            fields["transcript"] = data.get("transcript") or "\n".join(cue.text for cue in cues)
        if fields or upload:
            edit_resource(
                resource=obj, by=request.user, now=timezone.now(), upload=upload,
                change_note=note, seen=seen, **fields,
            )  # fmt: skip

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
                step.look,
            )
            for step in (steps_for(resource) if may else [])
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
        is_post = request.method == "POST"
        form = step_form(
            step, resource, request.POST if is_post else None, request.FILES if is_post else None
        )
        if form.is_valid():
            action = partial(ACTIONS[name], **form.words())
            return self._do(request, resource, action, step.done)
        context = {
            **self.admin_site.each_context(request),
            "title": step.heading,
            "step": step,
            "look": step.look,
            "form": form,
            "missing": _missing(resource) if name == "publish" else [],
            "hints": hints_for(resource) if name == "publish" else [],
            "names": members_named_in(resource) if name == "publish" else [],
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


def _missing(resource: Resource) -> list[str]:
    """Without what is signed on this very page."""
    signed = copy(resource)
    signed.checked_by_id = signed.checked_by_id or 0
    return [*missing_for(signed), *_consents_of(resource)]


def _consents_of(resource: Resource) -> list[str]:
    try:
        check_consents(resource)
    except ActionError as error:
        return [str(error)]
    return []


def steps_for(resource: Resource) -> list[Step]:
    """What can be done with it now."""
    fitting = [step for step in STEPS.values() if resource.state in step.from_states]
    has_earlier = resource.version > 1 and resource.versions.exists()
    return [step for step in fitting if has_earlier or not step.of_versions]


def _now(action: Callable[..., Any]) -> Callable[..., Any]:
    def at_once(**words: Any) -> None:  # noqa: ANN401
        action(now=timezone.now(), **words)

    return at_once


ACTIONS = {
    "publish": _now(publish_resource),
    "confirm": _now(confirm_resource),
    "return": _now(return_resource),
    "version": _now(replace_content),
    "drop-versions": drop_versions,
    "supersede": supersede_resource,
    "archive": archive_resource,
    "restore": _now(restore_resource),
    "withdraw": withdraw_resource,
}

admin.site.register(LibraryImport, ImportAdmin)
