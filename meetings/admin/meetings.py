from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Case, Count, F, Model, Q, QuerySet, When
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin

from cop.core.errors import ActionError
from cop.core.time import say_clock, say_span
from meetings.actions import draft_meeting, update_meeting
from meetings.actions.changes import CALENDAR_FIELDS
from meetings.admin.answers import RsvpInline
from meetings.admin.base import ROLES, QuietLog
from meetings.admin.fieldsets import FIELDSETS, NEW_FIELDSETS, STAYS, meeting_links, page_link
from meetings.admin.lists import MissingFilter, say_missing
from meetings.admin.readiness import readiness_panel
from meetings.admin.steps import StepPages
from meetings.admin.tab_pages import TABS
from meetings.desk_forms import MeetingDeskForm, people_of
from meetings.desk_steps import STEPS
from meetings.models import Meeting, Rsvp
from meetings.queries.readiness import seats_wanted
from meetings.queries.told import is_same_plan, told_before
from members.models import Stream, User


@admin.register(Meeting)
class MeetingAdmin(QuietLog, StepPages):
    """States change by the buttons, facts by the form; both through the actions."""

    form = MeetingDeskForm
    may_add = True
    view_on_site = False
    desk_roles = edit_roles = ROLES
    change_form_template = "meetings/admin/meeting_change_form.html"
    inlines = [RsvpInline]
    list_display = ["title", "community", "when", "state", "missing", "seats"]
    list_filter = ["state", MissingFilter, "kind", "audience"]
    list_select_related = ["community", "format"]
    search_fields = ["title"]
    ordering = ["-starts_at", "pk"]
    actions = None
    fieldsets = FIELDSETS

    @admin.display(description=gettext_lazy("when"), ordering="starts_at")
    def when(self, meeting: Meeting) -> str:
        return say_span(meeting.starts_at, meeting.ends_at, meeting.timezone, now=timezone.now())

    @admin.display(description=gettext_lazy("missing"))
    def missing(self, meeting: Meeting) -> str:
        return say_missing(meeting)

    @admin.display(description=gettext_lazy("seats"))
    def seats(self, meeting: Meeting) -> str:
        wanted = seats_wanted(meeting)
        limit = _("no limit") if wanted is None else wanted
        taken = f"{meeting.going_count} / {limit}"
        if not meeting.waiting:
            return taken
        return f"{taken}, " + _("%(n)d in line") % {"n": meeting.waiting}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        in_line = Count("rsvps", filter=Q(rsvps__state=Rsvp.State.WAITLISTED))
        rows = super().get_queryset(request).annotate(waiting=in_line)
        return rows.prefetch_related("agenda", "roles")

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[Any]:
        return [RsvpInline] if obj else []

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Nearest to now first: what comes, then what was, the latest on top."""
        coming = When(ends_at__gte=timezone.now(), then=F("starts_at"))
        return [Case(coming, default=None).asc(nulls_last=True), "-starts_at", "pk"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        if obj is None:
            return []
        links = ["format_link", "topic_link"]
        is_over = obj.state not in {Meeting.State.DRAFT, Meeting.State.SCHEDULED}
        return ["community", *links, *(STAYS if is_over else [])]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return FIELDSETS if obj is not None else NEW_FIELDSETS

    @admin.display(description=gettext_lazy("format"))
    def format_link(self, meeting: Meeting) -> str:
        return page_link(meeting, "agenda", meeting.format, _("Choose a format"))

    @admin.display(description=gettext_lazy("topic"))
    def topic_link(self, meeting: Meeting) -> str:
        return page_link(meeting, "topic", meeting.topic, _("Choose a topic"))

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
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name != "seen"}
        now = timezone.now()
        row = update_meeting(
            meeting=obj, changes=changes, by=request.user, now=now, seen=form.checked
        )
        self._tell_of_seats(request, row)
        if row.state == Meeting.State.SCHEDULED and changes.keys() & CALENDAR_FIELDS:
            self._tell_of_mail(request, row, now)

    def _tell_of_seats(self, request: HttpRequest, row: Meeting) -> None:
        row.refresh_from_db(fields=["capacity", "target_capacity", "going_count"])
        if row.target_capacity is None:
            return
        told = ngettext(
            "%(taken)d seat is taken, and nobody loses it. It becomes %(wanted)d as people give "
            "theirs back; until then nobody new gets one.",
            "%(taken)d seats are taken, and nobody loses theirs. They become %(wanted)d as people "
            "give theirs back; until then nobody new gets one.",
            row.going_count,
        )
        facts = {"taken": row.going_count, "wanted": row.target_capacity}
        self.message_user(request, told % facts, messages.INFO)

    def _tell_of_mail(self, request: HttpRequest, row: Meeting, now: datetime) -> None:
        if not row.rsvps.involved().exists():
            return
        due = row.change_due_at
        if due is None or due <= now:
            told = _("Everybody who said yes or is in line gets a mail about it now.")
        elif told_before(row) is not None and is_same_plan(told_before(row), row):
            told = _("It is again as people know it, so nobody gets a mail.")
        else:
            told = _(
                "Everybody who said yes or is in line gets one mail about it. What you change "
                "until %(clock)s goes into the same mail."
            ) % {"clock": say_clock(due.astimezone(ZoneInfo(request.user.timezone)))}
        self.message_user(request, told, messages.INFO)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ANN401
        """Answers are shown here, not saved."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """What an action refuses stands on the form, with all that was typed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ActionError as error:
            request.refusal = str(error)
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        form = super().get_form(request, *args, **kwargs)
        form.refusal = getattr(request, "refusal", "")
        return form

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        meeting = self.get_object(request, unquote(object_id))
        may = meeting is not None and self.has_change_permission(request, meeting)
        now = timezone.now()
        steps = [step for step in STEPS.values() if may and step.is_open(meeting, now)]
        extra = {
            "meeting": meeting,
            "tabs": [tab for tab in TABS if may and tab.shows(meeting, now)],
            "steps": steps,
            "has_primary_step": any(step.look == "primary" for step in steps),
            "panel": readiness_panel(meeting, now) if may else None,
            "neighbours": _neighbours(meeting) if may else [],
        }
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(partial(self.step_view, name=name)),
                name=f"meetings_meeting_{name}",
            )
            for name in STEPS
        ]
        tabs = [
            path(
                f"<path:object_id>/{tab.name}/",
                self.admin_site.admin_view(partial(self.tab_view, name=tab.name)),
                name=f"meetings_meeting_{tab.name}",
            )
            for tab in TABS
        ]
        preview = path(
            "<path:object_id>/preview/",
            xframe_options_sameorigin(self.admin_site.admin_view(self.preview_view)),
            name="meetings_meeting_preview",
        )
        return [*own, *tabs, preview, *super().get_urls()]

    def tab_view(self, request: HttpRequest, object_id: str, *, name: str) -> HttpResponse:
        """One of the pages beside the form, for those who may change the meeting."""
        meeting = self.changeable_or_404(request, object_id)
        tab = next(tab for tab in TABS if tab.name == name)
        return tab.view(self, request, meeting)


def _neighbours(meeting: Meeting) -> list[tuple[str, str]]:
    """The meeting that this one makes up for, or those that make up for it."""
    found = []
    if meeting.make_up_for_id is not None:
        found.append((_("In place of:"), meeting_links([meeting.make_up_for])))
    if meeting.state == Meeting.State.CANCELLED:
        made_up = list(meeting.make_ups.order_by("starts_at", "pk"))
        if made_up:
            found.append((_("Made up for by:"), meeting_links(made_up)))
    return found
