"""The report of an issue: on the screen, on paper, as a table."""

import csv
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from newsletter.actions import note_replies
from newsletter.admin.common import try_it
from newsletter.models import NewsletterIssue
from newsletter.reports import Report, report_of, table_of
from newsletter.words import CAUSES, say_left_out

# Excel takes UTF-8 for what it is by this mark alone.
MARK = "\ufeff"
Line = tuple[str, object, object]


@require_http_methods(["GET", "HEAD", "POST"])
def issue_report(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    report = _report(issue)
    if request.method == "POST":
        try_it(request, lambda: _note_replies(request, issue))
        return redirect("admin:newsletter_issue_report", issue.pk)
    context = {
        "title": _("Report of newsletter %(number)s") % {"number": issue.number},
        "issue": issue,
        "report": report,
        "main": main_lines(report),
        "bounced": bounce_lines(report),
        "left_out": say_left_out(report.get("left_out", {})),
        "parts": part_lines(report),
        "links": report.get("links", []),
        "is_final": issue.state == NewsletterIssue.State.CLOSED,
    }
    return render(request, "newsletter/desk/issue_report.html", frame | context)


def _note_replies(request: HttpRequest, issue: NewsletterIssue) -> str:
    typed = request.POST.get("replies", "").strip()
    count = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else -1
    note_replies(issue=issue, count=count, by=request.user)
    return _("Noted.")


@require_safe
def issue_report_csv(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    report = _report(issue)
    answer = HttpResponse(MARK, content_type="text/csv; charset=utf-8")
    name = f"newsletter-{issue.number}-report.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    csv.writer(answer).writerows(table_of(all_lines(report)))
    return answer


def _report(issue: NewsletterIssue) -> Report:
    if issue.state not in NewsletterIssue.LEFT:
        raise Http404
    return report_of(issue, now=timezone.now()) | {"replies": issue.replies}


def main_lines(report: Report) -> list[Line]:
    """Words, a number, and its part of the whole where that says something."""
    replies = report.get("replies")
    seldom: list[Line] = [
        (_("Unclear: they may have got it"), report["uncertain"], None),
        (_("Still waiting"), report["waiting"], None),
        (_("Stopped by the team"), report["stopped"], None),
    ]
    return [
        (_("Recipients"), report["recipients"], None),
        (_("Delivered"), report["delivered"], report["delivered_share"]),
        (_("Came back or refused"), report["bounced_total"], report["bounced_share"]),
        *(line for line in seldom if line[1]),
        (_("Stopped the newsletter since"), report["unsubscribed"], report["unsubscribed_share"]),
        (_("of these by the link in a mail"), report["unsubscribed_by_link"], None),
        (_("Marked it as spam"), report["complaints"], report["complaints_share"]),
        (_("Links followed"), report["clicks"], None),
        *([(_("Answers, as you counted them"), replies, None)] if replies is not None else []),
    ]


def bounce_lines(report: Report) -> list[Line]:
    return [
        (str(words), report["bounced"].get(cause, 0), None)
        for cause, words in CAUSES.items()
        if report["bounced"].get(cause)
    ]


def part_lines(report: Report) -> list[Line]:
    """By edition, then by language: recipients, and how many of them got it."""
    editions = {
        "members": _("Members' edition"),
        "members_and_allies": _("Edition for members and allies"),
        "public": _("Public edition"),
    }
    languages = {"en": _("in English"), "fr": _("in French")}
    return [
        (words, part["recipients"], part["delivered"])
        for names, parts in ((editions, report["editions"]), (languages, report["languages"]))
        for name, words in names.items()
        if (part := parts.get(name)) and part["recipients"]
    ]


def all_lines(report: Report) -> list[Line]:
    left_out = [(words, n, "") for words, n in say_left_out(report["left_out"])]
    links = [
        (link["label"] or link["url"], link["clicks"], link["url"]) for link in report["links"]
    ]
    return [
        (_("What"), _("Number"), _("Percent")),
        *main_lines(report),
        ("", "", ""),
        (_("Why it came back"), _("Number"), ""),
        *bounce_lines(report),
        ("", "", ""),
        (_("Who did not get it"), _("Number"), ""),
        *left_out,
        ("", "", ""),
        (_("Part"), _("Recipients"), _("Delivered")),
        *part_lines(report),
        ("", "", ""),
        (_("Link"), _("Followed"), _("Address")),
        *links,
    ]
