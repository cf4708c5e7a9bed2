"""The pages of outgoing mail at the desk. Each loads, makes one call, and answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.core.errors import ActionError
from cop.core.time import say_clock, say_date
from cop.outgoing.board import read_board, read_sending
from cop.outgoing.forms import MoveForm
from cop.outgoing.lines import Line
from cop.outgoing.scope import Desk, desk_or_404, read_target
from cop.outgoing.single import read_line
from cop.outgoing.tabs import mail_tabs
from cop.outgoing.trouble import closed_gate, count_trouble, read_trouble
from outbox.actions.board import (
    cancel_mail,
    hold_mail,
    release_mail,
    reschedule_mail,
    resend_uncertain,
    settle_uncertain,
)
from outbox.models import Delivery


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    desk, now = desk_or_404(request), timezone.now()
    found = read_board(desk, now=now)
    gate = closed_gate(now=now)
    context = {
        "title": _("Outgoing mail: this week"),
        "board": found,
        "desk": desk,
        "gate": gate,
        "trouble": count_trouble(desk, found.lines, gate),
    }
    return render(request, "cop/outgoing/board.html", frame(request, "board") | context)


@require_safe
def sending(request: HttpRequest) -> HttpResponse:
    """The part of the board that refreshes itself while mail is leaving."""
    desk = desk_or_404(request)
    lines = read_sending(desk, now=timezone.now())
    return render(request, "cop/outgoing/_sending.html", {"lines": lines, "desk": desk})


@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    def act(line: Line, mail: dict[str, Any], now: datetime) -> str:
        count = hold_mail(**mail, now=now, later=line.covers_later)
        if line.is_reminder:
            return _("“%(title)s”: all its reminders are on hold until you release them.") % {
                "title": line.title
            }
        if not count:
            return _("“%(title)s” is on hold until you release it.") % {"title": line.title}
        held = ngettext(
            "“%(title)s” is on hold: %(n)s mail waits until you release it.",
            "“%(title)s” is on hold: %(n)s mails wait until you release them.",
            count,
        )
        return held % {"title": line.title, "n": count}

    return _act(request, act)


@require_POST
def release(request: HttpRequest) -> HttpResponse:
    def act(line: Line, mail: dict[str, Any], now: datetime) -> str:
        count = release_mail(**mail, now=now)
        if not count:
            return _("“%(title)s” will be sent when its time comes.") % {"title": line.title}
        told = ngettext(
            "Released: %(n)s mail of “%(title)s” goes its way. What is too late is skipped.",
            "Released: %(n)s mails of “%(title)s” go their way. What is too late is skipped.",
            count,
        )
        return told % {"title": line.title, "n": count}

    return _act(request, act)


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    """Ask once more, say to how many it will not go, then stop it."""
    desk, line = _line(request)
    if request.method == "POST":

        def act(line: Line, mail: dict[str, Any], now: datetime) -> str:
            count = cancel_mail(**mail, now=now, later=line.about_a_meeting)
            if line.is_reminder:
                return _("“%(title)s”: no more reminders will be sent.") % {"title": line.title}
            told = ngettext("Stopped: %(n)s mail.", "Stopped: %(n)s mails.", count)
            return told % {"n": count}

        return _act(request, act)
    if not line.is_open:
        return _nothing_left(request)
    context = {"title": _("Do not send this?"), "line": line, "desk": desk}
    return render(request, "cop/outgoing/stop.html", frame(request) | context)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest) -> HttpResponse:
    _desk, line = _line(request)
    if not line.may_move:
        raise Http404
    if not line.is_open:
        return _nothing_left(request)
    form = MoveForm(request.POST or None, zone=line.zone, due_at=line.on)
    if request.method == "POST" and form.is_valid():
        due_at = form.cleaned_data["due_at"]

        def act(line: Line, mail: dict[str, Any], now: datetime) -> str:
            reschedule_mail(**mail, now=now, due_at=due_at)
            words = {"title": line.title, "when": _say_moment(due_at, line.zone)}
            return _("Moved: on %(when)s “%(title)s” leaves.") % words

        return _act(request, act)
    context = {"title": _("Send at another time"), "line": line, "form": form}
    return render(request, "cop/outgoing/move.html", frame(request) | context)


@require_safe
def look(request: HttpRequest) -> HttpResponse:
    desk, now = desk_or_404(request), timezone.now()
    found = read_trouble(desk, now=now)
    context = {"title": _("Needs a look"), "found": found, "desk": desk, "trouble": found.count}
    return render(request, "cop/outgoing/look.html", frame(request, "look") | context)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Send an unclear mail again, or leave it."""
    desk = desk_or_404(request)
    scope, ids = request.POST.get("scope", ""), _ids(request.POST.getlist("mail"))
    if scope not in desk.scopes:
        raise Http404
    if Delivery.objects.filter(pk__in=ids).exclude(desk.mail).exists():
        raise Http404
    action = resend_uncertain if request.POST.get("then") == "again" else settle_uncertain
    try:
        action(ids=ids, scope=scope, by=request.user, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
    else:
        again = _(
            "It goes out once more. A mail program shows it once even if both arrive. Look here "
            "again in a minute."
        )
        left = _("Left as it is.")
        messages.success(request, again if action is resend_uncertain else left)
    return redirect("outgoing_look")


def _nothing_left(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("Nothing of it waits any more."))
    return redirect("outgoing_board")


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise Http404 from None


def _line(request: HttpRequest) -> tuple[Desk, Line]:
    """The line whose button was pressed, as it is now."""
    desk = desk_or_404(request)
    target = (request.POST or request.GET).get("mail", "")
    scope, prefix = read_target(target, desk)
    return desk, read_line(scope, prefix, desk, now=timezone.now())


def _act(
    request: HttpRequest, act: Callable[[Line, dict[str, Any], datetime], str]
) -> HttpResponse:
    _desk, line = _line(request)
    mail = {"scope": line.scope, "prefix": line.prefix, "by": request.user, "about": line.source}
    try:
        messages.success(request, act(line, mail, timezone.now()))
    except ActionError as error:
        messages.error(request, str(error))
    to_look = request.POST.get("back") == "look"
    return redirect("outgoing_look" if to_look else "outgoing_board")


def _say_moment(instant: datetime, zone: str) -> str:
    clock = say_clock(instant.astimezone(ZoneInfo(zone)))
    return f"{say_date(instant, zone, now=timezone.now())}, {clock}"


def frame(request: HttpRequest, tab: str = "") -> dict[str, Any]:
    """The frame of the desk, and the tabs of the pages about mail."""
    return admin.site.each_context(request) | mail_tabs(tab)
