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
from newsletter.admin import (
    checks,
    editor,
    invite,
    people,
    pictures,
    preview,
    progress,
    reports,
    sending,
    versions,
)
from newsletter.models import NewsletterIssue

# Takes the request, the issue and the frame of the desk.
Page = Callable[..., HttpResponse]


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
    change_list_template = "newsletter/desk/issue_list.html"

    @admin.display(description=_("subject"))
    def title(self, issue: NewsletterIssue) -> str:
        return issue.title or _("(no subject yet)")

    @admin.display(description=_("planned or sent"), ordering="send_on")
    def countdown(self, issue: NewsletterIssue) -> str:
        return say_countdown(issue)

    def get_urls(self) -> list[URLPattern]:
        named = [
            ("resume", editor.issue_resume),
            ("autosave", editor.issue_autosave),
            ("checks", checks.issue_checks),
            ("people", people.issue_people),
            ("versions", versions.issue_versions),
            ("send", sending.issue_send),
            ("cancel", sending.issue_cancel_send),
            ("unschedule", sending.issue_unschedule),
            ("progress", progress.issue_progress),
            ("pause", progress.issue_pause),
            ("go-on", progress.issue_go_on),
            ("stop", progress.issue_stop),
            ("report", reports.issue_report),
            ("report-csv", reports.issue_report_csv),
            ("preview", preview.issue_preview),
            ("mail", preview.issue_mail),
        ]
        own = [
            path(f"<int:pk>/{name}/", self._page(page), name=f"newsletter_issue_{name}")
            for name, page in named
        ]
        own += [
            path(
                "<int:pk>/items/<int:item>/picture/",
                self._page(pictures.issue_picture),
                name="newsletter_issue_picture",
            ),
            path(
                "<int:pk>/pictures/<str:public_id>/",
                self._page(pictures.picture_file),
                name="newsletter_issue_picture_file",
            ),
        ]
        view = self.admin_site.admin_view
        own += [
            path("invite/", view(invite.invite_readers), name="newsletter_invite"),
            path(
                "invite/<slug:slug>/<slug:language>.pdf",
                view(invite.invite_poster),
                name="newsletter_invite_poster",
            ),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        return self._open(editor.issue_edit, request, object_id)

    def _page(self, page: Page) -> Callable[..., HttpResponse]:
        @wraps(page)
        def wrapped(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:  # noqa: ANN401
            return self._open(page, request, pk, **more)

        return self.admin_site.admin_view(wrapped)

    def _open(
        self,
        page: Page,
        request: HttpRequest,
        pk: int | str,
        **more: Any,  # noqa: ANN401  what else stands in the address
    ) -> HttpResponse:
        """404 for an issue of a community where one neither edits nor coordinates."""
        rows = self.get_queryset(request).select_related("community", "edited_by", "approved_by")
        issue = get_object_or_404(rows, pk=pk if str(pk).isdecimal() else 0)
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return page(request, issue, frame, **more)


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
