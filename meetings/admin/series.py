from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Field
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from meetings.actions import make_series_drafts
from meetings.admin.base import ROLES, QuietLog
from meetings.desk_forms import SeriesDeskForm
from meetings.models import MeetingSeries
from members.desk import CommunityAdmin
from members.models import Stream


@admin.register(MeetingSeries)
class MeetingSeriesAdmin(QuietLog, CommunityAdmin):
    form = SeriesDeskForm
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
        if change:
            obj.save(update_fields=form.changed_data)
        else:
            obj.save(force_insert=True)

    @admin.action(
        description=gettext_lazy("Make the drafts of the next 12 months"), permissions=["change"]
    )
    def make_drafts(self, request: HttpRequest, queryset: QuerySet[MeetingSeries]) -> None:
        made = 0
        for series in queryset.select_related("stream__community"):
            if self.has_change_permission(request, series):
                today = timezone.now().date()
                made += len(make_series_drafts(series=series, after=today, by=request.user))
        told = ngettext(
            "%(n)d draft is new. Open it to add the details, then announce it.",
            "%(n)d drafts are new. Open them to add the details, then announce them.",
            made,
        )
        none = _("All the drafts of the next 12 months were there already.")
        self.message_user(request, told % {"n": made} if made else none, messages.SUCCESS)
