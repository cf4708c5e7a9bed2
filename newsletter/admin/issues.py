from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.desk import CommunityAdmin
from newsletter.admin import pages, preview, progress, reports, sending
from newsletter.models import NewsletterIssue

Page = Callable[[HttpRequest, NewsletterIssue, dict[str, Any]], HttpResponse]


@admin.register(NewsletterIssue)
class IssueAdmin(CommunityAdmin):
    """The issues of one's communities. Whatever changes, changes by an action."""

    desk_roles = edit_roles = ("coordinator", "editor")
    list_display = ["number", "title", "community", "state", "countdown"]
    list_display_links = ["number", "title"]
    list_filter = ["state"]
    list_select_related = ["community"]
    ordering = ["-send_on", "-number", "pk"]
    actions = None

    @admin.display(description=_("subject"))
    def title(self, issue: NewsletterIssue) -> str:
        return issue.subject or _("(no subject yet)")

    @admin.display(description=_("planned or sent"), ordering="send_on")
    def countdown(self, issue: NewsletterIssue) -> str:
        return say_countdown(issue)

    def get_urls(self) -> list[URLPattern]:
        named = [
            ("send", sending.issue_send),
            ("cancel", sending.issue_cancel_send),
            ("unschedule", sending.issue_unschedule),
            ("progress", progress.issue_progress),
            ("pause", progress.issue_pause),
            ("go-on", progress.issue_go_on),
            ("stop", progress.issue_stop),
            ("report", reports.issue_report),
            ("report-csv", reports.issue_report_csv),
            ("resume", pages.issue_resume),
            ("preview", preview.issue_preview),
            ("mail", preview.issue_mail),
        ]
        own = [
            path(f"<int:pk>/{name}/", self._page(page), name=f"newsletter_issue_{name}")
            for name, page in named
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        return self._open(pages.issue_edit, request, object_id)

    def _page(self, page: Page) -> Callable[..., HttpResponse]:
        @wraps(page)
        def wrapped(request: HttpRequest, pk: int) -> HttpResponse:
            return self._open(page, request, pk)

        return self.admin_site.admin_view(wrapped)

    def _open(self, page: Page, request: HttpRequest, pk: int | str) -> HttpResponse:
        """404 for an issue of a community where one neither edits nor coordinates."""
        rows = self.get_queryset(request).select_related("community", "edited_by", "approved_by")
        issue = get_object_or_404(rows, pk=pk if str(pk).isdecimal() else 0)
        return page(request, issue, {**self.admin_site.each_context(request), "opts": self.opts})


def say_countdown(issue: NewsletterIssue) -> str:
    """The day it left; before, the planned day and how far off it is."""
    zone = ZoneInfo(issue.community.timezone)
    if not issue.is_editable and issue.sent_at is not None:
        return date_format(issue.sent_at.astimezone(zone), "j F Y")
    day = date_format(issue.send_on, "j F Y")
    if not issue.is_editable:
        return day
    today = timezone.now().astimezone(zone).date()
    days = (issue.send_on - today).days
    if days < 0:
        late = ngettext("%(n)d day late", "%(n)d days late", -days) % {"n": -days}
        return f"{day} ({late})"
    left = ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days} if days else _("today")
    return f"{day} ({left})"
