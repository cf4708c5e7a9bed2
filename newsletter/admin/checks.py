"""Look it through: what the checks found, a test mail, the approval."""

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from newsletter.actions import approve_issue, hold_issue, send_test, want_link_checks
from newsletter.admin.approval import approval_for
from newsletter.admin.common import CHANGE, title_of, try_it
from newsletter.checking import STOP, find_problems
from newsletter.models import NewsletterIssue

# What is looked at, in the order of the page; each finding belongs to one of them.
LOOKED_AT = (
    (gettext_lazy("Subject and postal address"), {"subject", "silent", "postal_address"}),
    (gettext_lazy("Enough, and not too much"), {"few", "many", "long"}),
    (gettext_lazy("Names, each with a yes"), {"name"}),
    (gettext_lazy("No link to a meeting room, no personal link"), {"secret_link"}),
    (gettext_lazy("Links that answer"), {"dead_link", "links_waiting"}),
    (gettext_lazy("Pictures described in words"), {"alt"}),
    (gettext_lazy("Times with their zone"), {"time"}),
    (gettext_lazy("Nothing that was cancelled or withdrawn"), {"gone"}),
    (gettext_lazy("Written in each language"), {"language"}),
    (gettext_lazy("Less than 100 kB, so that no mail program cuts it off"), {"size"}),
    (gettext_lazy("Colours that everybody can read (fixed by the layout)"), set()),
)


@require_http_methods(["GET", "HEAD", "POST"])
def issue_checks(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    if not issue.is_editable:
        return redirect(CHANGE, issue.pk)
    now = timezone.now()
    if request.method == "POST":
        done = try_it(request, lambda: _act(request, issue, now))
        goes_back = done and request.POST.get("do") in {"hold", "skip"}
        return redirect(CHANGE if goes_back else "admin:newsletter_issue_checks", issue.pk)
    waiting = want_link_checks(issue=issue, now=now)
    problems = find_problems(issue, now=now)
    stops = [one for one in problems if one.level == STOP]
    context = {
        "title": _("Look through newsletter %(number)s") % {"number": issue.number},
        "subtitle": title_of(issue),
        "issue": issue,
        "findings": [
            (words, [one for one in problems if one.code in codes]) for words, codes in LOOKED_AT
        ],
        "stop_count": len(stops),
        "look_count": len(problems) - len(stops),
        "is_thin": any(one.code == "few" for one in problems),
        "is_waiting": waiting > 0,
        "is_written": issue.state in issue.WRITTEN,
        **approval_for(issue, request.user),
    }
    return render(request, "newsletter/desk/issue_checks.html", frame | context)


def _act(request: HttpRequest, issue: NewsletterIssue, now: datetime) -> str:
    do, by = request.POST.get("do", ""), request.user
    if do == "test":
        addresses = re.split(r"[\s,;]+", request.POST.get("addresses", ""))
        count = send_test(issue=issue, by=by, now=now, addresses=addresses)
        told = ngettext(
            "The test is on its way to %(n)d address, once in each language.",
            "The test is on its way to %(n)d addresses, once in each language.",
            count,
        )
        return told % {"n": count}
    if do == "approve":
        version = request.POST.get("version", "")
        seen = int(version) if version.isdecimal() else -1
        approve_issue(issue=issue, by=by, version=seen, now=now)
        return _("Approved. Any change from now on needs a new approval.")
    if do in {"hold", "skip"}:
        hold_issue(issue=issue, by=by, carries_over=do == "hold")
        return (
            _("This issue is held. The next one takes its items along.")
            if do == "hold"
            else _("This issue is skipped. What is in it will not be told again.")
        )
    raise ActionError(_("Choose one of the buttons."))
