from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from meetings.actions import answer_rsvp, say_access_need
from meetings.answers import can_ask_access, say_answer, say_need_noted
from meetings.forms.rsvp import AccessNeedForm
from meetings.link_readers import language_of, read_meeting_link
from meetings.models import Meeting, Rsvp
from meetings.queries import place_in_line
from members.models import User

LINK_LIVES = timedelta(days=1)
ANSWERS = (Rsvp.State.GOING, Rsvp.State.NOT_GOING, Rsvp.State.SEND_MATERIALS)


@require_http_methods(["GET", "HEAD", "POST"])
def rsvp_link(request: HttpRequest, token: str) -> HttpResponse:
    """Answer from a mail, without signing in. GET changes nothing: mail scanners open it (RS1)."""
    meeting, person, _none = read_meeting_link("rsvp", token)
    now = timezone.now()
    with translation.override(language_of(request, person)):
        if now > meeting.starts_at + LINK_LIVES:
            return render(request, "meetings/rsvp_link_over.html", {"meeting": meeting}, status=410)
        context = {}
        if request.method == "POST":
            form = _act(request, meeting, person, now)
            if form is None:
                return redirect("rsvp_link", token=token)
            context["need_form"] = form
        context = _context(request, meeting, person, now) | context
        return render(request, "meetings/rsvp_link.html", context)


def _act(
    request: HttpRequest, meeting: Meeting, person: User, now: datetime
) -> AccessNeedForm | None:
    """The answer, or what one needs. A form where something in it must be put right first."""
    if "access_need" not in request.POST:
        _answer(request, meeting, person, now)
        return None
    form = AccessNeedForm(request.POST)
    if not form.is_valid():
        return form
    need = "" if "forget" in request.POST else form.cleaned_data["access_need"]
    if not need and "forget" not in request.POST:
        messages.info(request, _("Nothing was written, so nothing changed."))
        return None
    try:
        say_access_need(meeting=meeting, person=person, need=need, now=now)
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, say_need_noted(need))
    return None


def _answer(request: HttpRequest, meeting: Meeting, person: User, now: datetime) -> None:
    answer = request.POST.get("answer", "")
    try:
        rsvp = answer_rsvp(
            meeting=meeting, person=person, answer=answer, via=Rsvp.Via.MAIL_LINK, now=now
        )
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, say_answer(rsvp))


def _context(
    request: HttpRequest, meeting: Meeting, person: User, now: datetime
) -> dict[str, object]:
    rsvp = meeting.rsvps.filter(person=person).first()
    tapped = request.GET.get("answer", "")
    has_seat = rsvp is not None and rsvp.holds_seat
    may_say = rsvp is not None and rsvp.state in Rsvp.INVOLVED and meeting.takes_answers(now)
    return {
        # Empty: a mail may have been passed on, and what somebody needs is not for others to read.
        "need_form": AccessNeedForm() if may_say else None,
        "can_ask_access": can_ask_access(meeting, now),
        "has_need": may_say and bool(rsvp.access_need),
        "meeting": meeting,
        "community": meeting.community,
        "zone": person.timezone,
        # A mail may have been passed on: a first letter is enough to notice that.
        "initial": person.display_name[:1],
        "rsvp": rsvp,
        "place_in_line": place_in_line(rsvp) if rsvp and rsvp.wait_ticket else None,
        "tapped": tapped if tapped in ANSWERS else "",
        "needs_line": tapped == Rsvp.State.GOING and meeting.is_full and not has_seat,
        "takes_answers": meeting.takes_answers(now),
        "is_over": meeting.ends_at <= now,
    }
