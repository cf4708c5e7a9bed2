from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, F, Model, Q, QuerySet, When
from django.forms import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from cop.core.time import say_span
from meetings.actions import draft_meeting, update_meeting
from meetings.actions.changes import CALENDAR_FIELDS
from meetings.actions.meetings import GOOD_NOTICE
from meetings.admin.base import ROLES, QuietLog
from meetings.desk_forms import MeetingDeskForm, people_of
from meetings.desk_steps import STEPS
from meetings.models import Meeting, Rsvp
from members.desk import CommunityAdmin
from members.models import Stream, User


class RsvpInline(admin.TabularInline):
    """The answers, to read. They change by the person's own hand."""

    model = Rsvp
    fields = readonly_fields = ["who", "state", "wait_ticket", "answered_via", "answered_at"]
    extra = 0
    can_delete = False
    ordering = ["state", "wait_ticket", "pk"]

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


# Of a meeting that is over or cancelled: when, where and what it was stays as people know it.
STAYS = sorted({"title", *CALENDAR_FIELDS})


@admin.register(Meeting)
class MeetingAdmin(QuietLog, CommunityAdmin):
    """States change by the buttons, facts by the form; both through the actions."""

    form = MeetingDeskForm
    may_add = True
    view_on_site = False
    desk_roles = edit_roles = ROLES
    change_form_template = "meetings/admin/meeting_change_form.html"
    inlines = [RsvpInline]
    list_display = ["title", "community", "when", "state", "audience", "seats"]
    list_filter = ["state", "kind", "audience"]
    list_select_related = ["community"]
    search_fields = ["title"]
    ordering = ["-starts_at", "pk"]
    actions = None
    fieldsets = [
        (None, {"fields": ["community", "stream", "title", "description", "kind", "language",
                           "facilitator"]}),
        (gettext_lazy("When"), {"fields": ["local_date", "local_time", "timezone", "duration"]}),
        (gettext_lazy("Who and where"), {"fields": ["audience", "capacity", "mode", "place",
                                                    "join_url", "dial_in"]}),
        (gettext_lazy("Care"), {"fields": ["content_note", "support_person"]}),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("when"), ordering="starts_at")
    def when(self, meeting: Meeting) -> str:
        return say_span(meeting.starts_at, meeting.ends_at, meeting.timezone, now=timezone.now())

    @admin.display(description=gettext_lazy("seats"))
    def seats(self, meeting: Meeting) -> str:
        limit = _("no limit") if meeting.capacity is None else meeting.capacity
        taken = f"{meeting.going_count} / {limit}"
        if not meeting.waiting:
            return taken
        return f"{taken}, " + _("%(n)d in line") % {"n": meeting.waiting}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        in_line = Count("rsvps", filter=Q(rsvps__state=Rsvp.State.WAITLISTED))
        return super().get_queryset(request).annotate(waiting=in_line)

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[Any]:
        return [RsvpInline] if obj else []

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Nearest to now first: what comes, then what was, the latest on top."""
        coming = When(ends_at__gte=timezone.now(), then=F("starts_at"))
        return [Case(coming, default=None).asc(nulls_last=True), "-starts_at", "pk"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        if obj is None:
            return []
        is_over = obj.state not in {Meeting.State.DRAFT, Meeting.State.SCHEDULED}
        return ["community", *(STAYS if is_over else [])]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        mine = list(self.communities(request, *self.edit_roles)[:2])
        initial = super().get_changeform_initial_data(request)
        if len(mine) == 1:
            one = mine[0]
            initial |= {"community": one.pk, "timezone": one.timezone}
            initial["duration"] = one.default_duration
        return initial

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field:  # noqa: ANN401
        mine = self.communities(request, *self.edit_roles)
        if db_field.related_model is Stream:
            kwargs["queryset"] = Stream.objects.filter(community__in=mine).order_by("name", "pk")
        elif db_field.related_model is User:
            kwargs["queryset"] = people_of(mine)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field:  # noqa: ANN401
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.is_relation:
            # Chosen here, made elsewhere: no buttons to add or change a person in passing.
            widget = field.widget
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return field

    def save_model(self, request: HttpRequest, obj: Meeting, form: Any, change: bool) -> None:  # noqa: ANN401
        if not change:
            draft_meeting(meeting=obj, by=request.user)
            return
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            update_meeting(meeting=obj, changes=changes, by=request.user, now=timezone.now())
        except ActionError as error:
            request.is_refused = True
            self.message_user(request, str(error), messages.ERROR)
            return
        if obj.state == Meeting.State.SCHEDULED and changes.keys() & CALENDAR_FIELDS:
            self._tell_of_mail(request, obj)

    def _tell_of_mail(self, request: HttpRequest, obj: Meeting) -> None:
        if not obj.rsvps.involved().exists():
            return
        told = _(
            "Everybody who said yes or is in line gets one mail about it, in a quarter of "
            "an hour. What you change until then goes into the same mail."
        )
        self.message_user(request, told, messages.INFO)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ANN401
        """Answers are shown here, not saved."""

    def response_change(self, request: HttpRequest, obj: Meeting) -> HttpResponse:
        if getattr(request, "is_refused", False):
            return redirect(request.path)
        return super().response_change(request, obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        meeting = self.get_object(request, unquote(object_id))
        may = meeting is not None and self.has_change_permission(request, meeting)
        steps = [step for step in STEPS.values() if may and _is_open(step.name, meeting)]
        has_primary = any(step.look == "primary" for step in steps)
        extra = {"steps": steps, "meeting": meeting, "has_primary_step": has_primary}
        extra |= extra_context or {}
        return super().change_view(request, object_id, form_url, extra)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(partial(self.step_view, name=name)),
                name=f"meetings_meeting_{name}",
            )
            for name in STEPS
        ]
        return own + super().get_urls()

    def step_view(self, request: HttpRequest, object_id: str, *, name: str) -> HttpResponse:
        """Ask once more; then one action."""
        step, meeting = STEPS[name], self.get_object(request, unquote(object_id))
        if meeting is None:
            raise Http404
        if not self.has_change_permission(request, meeting):
            raise PermissionDenied
        form = step.form(request.POST if request.method == "POST" else None, meeting=meeting)
        if form.is_valid():
            try:
                step.action(
                    meeting=meeting, by=request.user, now=timezone.now(), **form.cleaned_data
                )
            except ActionError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                done = str(step.done) % {"title": meeting.title}
                self.message_user(request, done, messages.SUCCESS)
            return redirect("admin:meetings_meeting_change", meeting.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": step.heading,
            "step": step,
            "form": form,
            "opts": self.opts,
            "original": meeting,
            "when": self.when(meeting),
            "is_short_notice": name == "publish"
            and meeting.starts_at - timezone.now() < GOOD_NOTICE,
            "involved": meeting.rsvps.involved().count(),
        }
        return TemplateResponse(request, "meetings/admin/meeting_step.html", context)


def _is_open(name: str, meeting: Meeting) -> bool:
    if meeting.state not in STEPS[name].from_states:
        return False
    return name != "held" or meeting.starts_at <= timezone.now()
