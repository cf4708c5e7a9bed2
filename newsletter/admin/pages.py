"""The pages of one issue at the desk. Each loads, makes one call, and answers."""

from collections import Counter
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from newsletter.actions import cancel_send, send_issue
from newsletter.actions.sending import deliveries_of
from newsletter.admin.common import CHANGE, title_of, try_it
from newsletter.models import NewsletterIssue
from newsletter.queries import EDITIONS, blocks_for
from newsletter.recipients import find_readers
from newsletter.rules import ENOUGH_ITEMS
from outbox.models import Delivery


@require_http_methods(["GET", "HEAD", "POST"])
def issue_send(request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]) -> HttpResponse:
    """Who gets it, who does not, what will happen; then the button."""
    now = timezone.now()
    if request.method == "POST":
        confirmed = bool(request.POST.get("confirmed"))

        def act() -> str:
            return _told_sent(
                send_issue(issue=issue, by=request.user, now=now, confirmed=confirmed)
            )

        done = try_it(request, act)
        return redirect(CHANGE if done else "admin:newsletter_issue_send", issue.pk)
    readers = find_readers(issue.community, now=now)
    count = len(blocks_for(issue, EDITIONS))
    context = {
        "title": _("Send newsletter %(number)s") % {"number": issue.number},
        "subtitle": issue.community,
        "issue": issue,
        "counts": [(edition, readers.counts[edition]) for edition in EDITIONS[::-1]],
        "left_out": readers.left_out,
        "total": readers.total,
        "item_count": count,
        "is_thin": count < ENOUGH_ITEMS,
        "may_send": issue.state == NewsletterIssue.State.APPROVED and readers.total > 0,
    }
    return render(request, "newsletter/desk/issue_send.html", frame | context)


def _told_sent(count: int) -> str:
    told = ngettext(
        "It goes to %(n)d person in five minutes. Until then you can take it back.",
        "It goes to %(n)d people in five minutes. Until then you can take it back.",
        count,
    )
    return told % {"n": count}


@require_POST
def issue_cancel_send(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    def act() -> str:
        cancel_send(issue=issue, by=request.user, now=timezone.now())
        return _("Taken back. Nobody has got it, and it is still approved.")

    try_it(request, act)
    return redirect(CHANGE, issue.pk)


def sent_page(request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]) -> HttpResponse:
    return render(request, "newsletter/desk/issue_sent.html", frame | _progress(issue))


def _progress(issue: NewsletterIssue) -> dict[str, Any]:
    """How far the sending is, and why some did not get it."""
    rows = deliveries_of(issue).values_list("state", "reason").annotate(n=Count("pk")).order_by()
    states: Counter[str] = Counter()
    reasons: Counter[tuple[str, str]] = Counter()
    for state, reason, n in rows:
        states[state] += n
        if state in {Delivery.State.FAILED, Delivery.State.SKIPPED, Delivery.State.UNCERTAIN}:
            reasons[(Delivery.State(state).label, reason)] += n
    waiting = [Delivery.State.QUEUED, Delivery.State.CLAIMED, Delivery.State.PAUSED]
    return {
        "title": title_of(issue),
        "issue": issue,
        "total": sum(states.values()),
        "sent": states[Delivery.State.SENT],
        "waiting": sum(states[state] for state in waiting),
        "failed": states[Delivery.State.FAILED] + states[Delivery.State.UNCERTAIN],
        "skipped": states[Delivery.State.SKIPPED] + states[Delivery.State.CANCELLED],
        "reasons": sorted(reasons.items()),
        "can_take_back": (
            issue.state == NewsletterIssue.State.SENDING and issue.sent_at > timezone.now()
        ),
    }
