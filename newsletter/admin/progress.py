"""An issue on its way: its numbers, alive, and the buttons that stop it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from newsletter.actions import pause_sending, resume_sending, stop_sending
from newsletter.admin.sending import CHANGE, attempt
from newsletter.models import NewsletterIssue
from newsletter.progress import progress_of
from newsletter.words import PAUSES, say_failures, say_left_out

State = NewsletterIssue.State


def issue_on_its_way(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    """What the page of an issue shows once nobody can edit it any more."""
    words = {"number": issue.number, "community": issue.community.short_name}
    title = _("Newsletter %(number)s · %(community)s") % words
    return render(
        request,
        "newsletter/desk/issue_sent.html",
        frame | {"title": title} | live_numbers(issue),
    )


@require_safe
def issue_progress(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    """Only the part of the page that renews itself."""
    return render(request, "newsletter/desk/_progress.html", live_numbers(issue))


def live_numbers(issue: NewsletterIssue) -> dict[str, Any]:
    now = timezone.now()
    progress = progress_of(issue, now=now)
    is_sending = issue.state == State.SENDING
    seconds = max(0, int((issue.sent_at - now).total_seconds())) if is_sending else 0
    minutes, rest = divmod(seconds, 60)
    return {
        "issue": issue,
        "progress": progress,
        "is_sending": is_sending,
        "can_take_back": seconds > 0,
        "countdown": f"{minutes}:{rest:02d}",
        "pause_why": PAUSES.get(progress.pause_reason, progress.pause_reason),
        "left_out": say_left_out(progress.left_out),
        "failures": say_failures(progress.failures),
        "not_sent_to": say_left_out(issue.not_sent_to),
    }


@require_POST
def issue_pause(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    def act() -> str:
        waiting = pause_sending(issue=issue, by=request.user, now=timezone.now())
        told = ngettext(
            "Paused. %(n)d mail waits until you go on.",
            "Paused. %(n)d mails wait until you go on.",
            waiting,
        )
        return told % {"n": waiting}

    attempt(request, act)
    return redirect(CHANGE, issue.pk)


@require_POST
def issue_go_on(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    def act() -> str:
        waiting = resume_sending(issue=issue, by=request.user, now=timezone.now())
        told = ngettext(
            "It goes on. %(n)d mail is still to leave.",
            "It goes on. %(n)d mails are still to leave.",
            waiting,
        )
        return told % {"n": waiting}

    attempt(request, act)
    return redirect(CHANGE, issue.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def issue_stop(request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]) -> HttpResponse:
    """Asked once more: what has not left never will."""
    if request.method == "POST":

        def act() -> str:
            count = stop_sending(issue=issue, by=request.user, now=timezone.now())
            told = ngettext(
                "Stopped. %(n)d person does not get it.",
                "Stopped. %(n)d people do not get it.",
                count,
            )
            return told % {"n": count}

        attempt(request, act)
        return redirect(CHANGE, issue.pk)
    context = {"title": _("Stop the rest"), "may_stop": issue.state == State.SENDING}
    return render(request, "newsletter/desk/issue_stop.html", frame | context | live_numbers(issue))
