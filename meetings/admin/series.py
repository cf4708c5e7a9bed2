from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cop.core.audit import record
from meetings.actions import make_series_drafts
from meetings.actions.series import open_slots
from meetings.admin.base import ROLES, QuietLog
from meetings.admin.year_plan import year_plan_view
from meetings.desk_forms import SeriesDeskForm
from meetings.models import MeetingSeries
from members.desk import CommunityAdmin
from members.models import Stream


@admin.register(MeetingSeries)
class MeetingSeriesAdmin(QuietLog, CommunityAdmin):
    form = SeriesDeskForm
    change_form_template = "meetings/admin/series_change_form.html"
    change_list_template = "meetings/admin/series_change_list.html"
    community_path = "stream__community"
    may_add = True
    desk_roles = edit_roles = ROLES
    list_display = ["title", "stream", "nth", "weekday", "local_time", "timezone", "target_count"]
    list_select_related = ["stream"]
    ordering = ["title", "pk"]
    actions = ["make_drafts"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field:  # noqa: ANN401
        if db_field.related_model is Stream:
            mine = self.communities(request, *self.edit_roles)
            kwargs["queryset"] = Stream.objects.filter(community__in=mine).order_by("name", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ANN401
        if change and not form.changed_data:
            return
        if change:
            obj.save(update_fields=form.changed_data)
        else:
            obj.save(force_insert=True)
        record(
            "meetingseries_changed" if change else "meetingseries_added", obj, by=request.user,
            scope=obj.stream.community.public_id,
            reason=", ".join(form.changed_data) if change else "",
        )  # fmt: skip

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.drafts_view)
        plan = self.admin_site.admin_view(self.plan_view)
        own = [
            path("<int:pk>/drafts/", view, name="meetings_meetingseries_drafts"),
            path("plan/", plan, name="meetings_year_plan_any"),
            path("plan/<slug:slug>/", plan, name="meetings_year_plan"),
        ]
        return [*own, *super().get_urls()]

    def plan_view(self, request: HttpRequest, slug: str = "") -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return year_plan_view(self, request, slug)

    def drafts_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """First the days; then the drafts."""
        series = self.get_queryset(request).select_related("stream__community").filter(pk=pk)
        series = series.first()
        if series is None:
            raise Http404
        if not self.has_change_permission(request, series):
            raise PermissionDenied
        page = reverse("admin:meetings_meetingseries_change", args=[pk])
        today = timezone.now().date()
        if request.method == "POST":
            self._tell(
                request, len(make_series_drafts(series=series, after=today, by=request.user))
            )
            return redirect(page)
        days = open_slots(series=series, after=today)
        if not days:
            self._tell(request, 0)
            return redirect(page)
        text = ngettext("This day becomes a draft:", "These days become drafts:", len(days))
        context = {
            "title": _("Make the drafts of the next 12 months?"),
            "text": text,
            "list": [date_format(day, "l j F Y") for day in days],
            "label": _("Make the drafts"),
            "back_url": page,
        }
        return self.page(request, "confirm.html", context)

    @admin.action(
        description=gettext_lazy("Make the drafts of the next 12 months"), permissions=["change"]
    )
    def make_drafts(self, request: HttpRequest, queryset: QuerySet[MeetingSeries]) -> None:
        made = 0
        for series in queryset.select_related("stream__community"):
            if self.has_change_permission(request, series):
                today = timezone.now().date()
                made += len(make_series_drafts(series=series, after=today, by=request.user))
        self._tell(request, made)

    def _tell(self, request: HttpRequest, made: int) -> None:
        told = ngettext(
            "%(n)d draft is new. Open it to add the details, then announce it.",
            "%(n)d drafts are new. Open them to add the details, then announce them.",
            made,
        )
        none = _("All the drafts of the next 12 months were there already.")
        self.message_user(request, told % {"n": made} if made else none, messages.SUCCESS)
