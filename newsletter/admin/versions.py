"""Who changed what in an issue, and the way back."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from newsletter.actions import restore_version
from newsletter.admin.common import CHANGE, title_of, try_it
from newsletter.changes import say_changes
from newsletter.items import from_content
from newsletter.models import IssueVersion, NewsletterIssue

ON_A_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def issue_versions(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    if request.method == "POST":
        number = request.POST.get("number", "")
        done = try_it(request, lambda: _restore(request, issue, number))
        return redirect(CHANGE if done else "admin:newsletter_issue_versions", issue.pk)
    versions = issue.versions.select_related("by").order_by("-number")
    page = Paginator(versions, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Versions of newsletter %(number)s") % {"number": issue.number},
        "subtitle": title_of(issue),
        "issue": issue,
        "rows": _rows(issue, list(page)),
        "page": page,
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "newsletter/desk/issue_versions.html", frame | context)


def _rows(issue: NewsletterIssue, versions: list[IssueVersion]) -> list[dict[str, Any]]:
    """Each with what it changed against the one before. One more query, for the oldest here."""
    if not versions:
        return []
    before = issue.versions.filter(number__lt=versions[-1].number).order_by("-number").first()
    older = [*versions[1:], before]
    rows = []
    for version, last in zip(versions, older, strict=True):
        text = from_content(version.content)
        then = from_content(last.content) if last else None
        rows.append({
            "version": version,
            "changes": say_changes(then, text),
            "text": text,
            "is_present": version.number == issue.version,
        })  # fmt: skip
    return rows


def _restore(request: HttpRequest, issue: NewsletterIssue, number: str) -> str:
    restore_version(
        issue=issue,
        number=int(number) if number.isdecimal() and len(number) < 9 else 0,
        by=request.user,
        now=timezone.now(),
    )
    return _("Brought back. What stood there before is a version too.")
