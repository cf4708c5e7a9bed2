"""The page before an issue leaves: who gets it, when, and the buttons."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cop.core.errors import ActionError
from cop.core.time import say_clock, say_date, zone_label
from newsletter.actions import (
    cancel_send,
    hold_issue,
    schedule_issue,
    send_issue,
    unschedule_issue,
)
from newsletter.actions.scheduling import USUAL_HOUR
from newsletter.models import NewsletterIssue
from newsletter.queries import EDITIONS, blocks_for
from newsletter.recipients import find_readers
from newsletter.rules import ENOUGH_ITEMS
from newsletter.sending_forms import ScheduleForm
from newsletter.words import say_left_out

CHANGE = "admin:newsletter_newsletterissue_change"
State = NewsletterIssue.State


def attempt(request: HttpRequest, act: Callable[[], str]) -> bool:
    """Do it and tell what happened, or what stood in the way."""
    try:
        messages.success(request, act())
    except ActionError as error:
        messages.error(request, str(error))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def issue_send(request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]) -> HttpResponse:
    """Who gets it, who does not, what will happen; then the buttons."""
    now = timezone.now()
    form = ScheduleForm(initial=_usual(issue, now))
    if request.method == "POST":
        form = ScheduleForm(request.POST)
        step = STEPS.get(request.POST.get("do", "send"), _send)
        if step is not _schedule or form.is_valid():
            if attempt(request, lambda: step(request, issue, form, now)):
                return redirect(CHANGE, issue.pk)
            form = form if step is _schedule else ScheduleForm(initial=_usual(issue, now))
            issue.refresh_from_db(fields=["state", "scheduled_at"])
    return render(request, "newsletter/desk/issue_send.html", frame | _context(issue, form, now))


def _usual(issue: NewsletterIssue, now: datetime) -> dict[str, Any]:
    """The moment that stands in the form: the one it is set to, else the planned one."""
    if issue.scheduled_at is not None:
        local = issue.scheduled_at.astimezone(ZoneInfo(issue.community.timezone))
        return {"day": local.date(), "wall": local.time()}
    today = now.astimezone(ZoneInfo(issue.community.timezone)).date()
    return {"day": max(issue.send_on, today), "wall": USUAL_HOUR}


def _context(issue: NewsletterIssue, form: ScheduleForm, now: datetime) -> dict[str, Any]:
    readers = find_readers(issue.community, now=now)
    count = len(blocks_for(issue, EDITIONS))
    is_approved = issue.state in (State.APPROVED, State.SCHEDULED)
    return {
        "title": _("Send newsletter %(number)s") % {"number": issue.number},
        "subtitle": issue.community,
        "issue": issue,
        "form": form,
        "counts": [(edition, readers.counts[edition]) for edition in EDITIONS[::-1]],
        "left_out": say_left_out(readers.left_out),
        "left_out_total": readers.left_out.total(),
        "total": readers.total,
        "item_count": count,
        "is_thin": count < ENOUGH_ITEMS,
        "is_approved": is_approved,
        "is_scheduled": issue.state == State.SCHEDULED,
        "may_send": is_approved and readers.total > 0,
        "may_hold": issue.is_editable and issue.state != State.HELD,
    }


def _send(request: HttpRequest, issue: NewsletterIssue, form: ScheduleForm, now: datetime) -> str:
    confirmed = bool(request.POST.get("confirmed"))
    count = send_issue(issue=issue, by=request.user, now=now, confirmed=confirmed)
    told = ngettext(
        "It goes to %(n)d person in five minutes. Until then you can take it back.",
        "It goes to %(n)d people in five minutes. Until then you can take it back.",
        count,
    )
    return told % {"n": count}


def _schedule(
    request: HttpRequest, issue: NewsletterIssue, form: ScheduleForm, now: datetime
) -> str:
    wish = form.cleaned_data
    at = schedule_issue(issue=issue, by=request.user, now=now, **wish)
    zone = issue.community.timezone
    return _("It leaves on %(day)s at %(clock)s %(zone)s.") % {
        "day": say_date(at, zone, now=now),
        "clock": say_clock(at.astimezone(ZoneInfo(zone))),
        "zone": zone_label(zone),
    }


def _hold(request: HttpRequest, issue: NewsletterIssue, form: ScheduleForm, now: datetime) -> str:
    hold_issue(issue=issue, by=request.user, carries_over=True)
    return _("This issue is held. The next one takes its items along.")


def _skip(request: HttpRequest, issue: NewsletterIssue, form: ScheduleForm, now: datetime) -> str:
    hold_issue(issue=issue, by=request.user, carries_over=False)
    return _("This issue is skipped, and its items with it.")


STEPS = {"send": _send, "schedule": _schedule, "hold": _hold, "skip": _skip}


@require_POST
def issue_unschedule(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    def act() -> str:
        unschedule_issue(issue=issue, by=request.user)
        return _("It will not leave by itself now. It is still approved.")

    attempt(request, act)
    return redirect("admin:newsletter_issue_send", issue.pk)


@require_POST
def issue_cancel_send(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    def act() -> str:
        cancel_send(issue=issue, by=request.user, now=timezone.now())
        if issue.approved_by_id is None:
            return _("Taken back. Nobody has got it. From now on only a person sends it.")
        return _("Taken back. Nobody has got it, and it is still approved.")

    attempt(request, act)
    return redirect(CHANGE, issue.pk)
