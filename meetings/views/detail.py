"""The page of one meeting, and what a person says on it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cop.core.errors import ActionError
from meetings import doorway
from meetings.access import find_meeting_or_404, get_meeting_or_404, prepares
from meetings.actions import answer_rsvp, say_access_need
from meetings.actions.rsvp import NotAdmitted
from meetings.answers import can_ask_access, say_answer, say_need_noted
from meetings.calendar_links import google_url, outlook_url
from meetings.forms.rsvp import AccessNeedForm
from meetings.models import Attendance, Meeting, Rsvp
from meetings.queries import access_needs, place_in_line, turnout
from meetings.views.meetings import zone_of
from members.access import with_community
from members.models import Community


@require_safe
@with_community
def meeting_detail(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    try:
        meeting = get_meeting_or_404(request.user, community, public_id)
    except Http404:
        # Whoever follows a link from a mail must not be told that the page is gone. This
        # answers alike whether there is such a meeting or not.
        if request.user.is_authenticated:
            raise
        return redirect_to_login(request.get_full_path())
    return _page(request, meeting)


def _page(
    request: HttpRequest, meeting: Meeting, *, need_form: AccessNeedForm | None = None
) -> HttpResponse:
    now, community = timezone.now(), meeting.community
    rsvp = _answer_of(request, meeting)
    context = {
        "meeting": meeting,
        "zone": zone_of(request, community),
        "rsvp": rsvp,
        "place_in_line": place_in_line(rsvp) if rsvp and rsvp.wait_ticket else None,
        "takes_answers": meeting.takes_answers(now),
        "seats_are_free": not meeting.hands_on_seats(now) and not meeting.is_full,
        "is_over": meeting.ends_at <= now,
        "turnout": turnout(meeting, request.user),
        "google_url": google_url(meeting),
        "outlook_url": outlook_url(meeting),
        "parents": [{"label": _("Meetings"), "url": _list_url(community)}],
        **_for_those_who_come(request, meeting, rsvp, now, need_form),
    }
    response = render(request, "meetings/meeting_detail.html", context)
    return doorway.with_way_out(response, meeting) if context["door"] else response


def _for_those_who_come(
    request: HttpRequest,
    meeting: Meeting,
    rsvp: Rsvp | None,
    now: datetime,
    need_form: AccessNeedForm | None,
) -> dict[str, Any]:
    """The way in, what they need, the papers; and for who prepares the meeting, all the needs."""
    is_open = request.user.is_authenticated and meeting.is_open_door(now) and meeting.is_online
    door = doorway.door_of(meeting, request.user, now) if is_open else ""
    may_say = rsvp is not None and rsvp.state in Rsvp.INVOLVED and now < meeting.ends_at
    if may_say and need_form is None and meeting.state == Meeting.State.SCHEDULED:
        need_form = AccessNeedForm(initial={"access_need": rsvp.access_need})
    asked = rsvp is not None and rsvp.state in {*Rsvp.COMING, Rsvp.State.SEND_MATERIALS}
    return {
        "door": door,
        "door_is_open": door == doorway.OPEN,
        "need_form": need_form if may_say else None,
        "needs": access_needs(meeting) if prepares(meeting, request.user) else [],
        "shows_materials": meeting.ends_at <= now and (asked or _was_there(request, meeting)),
        "can_ask_access": can_ask_access(meeting, now),
    }


def _was_there(request: HttpRequest, meeting: Meeting) -> bool:
    if not request.user.is_authenticated:
        return False
    came = meeting.attendances.filter(person=request.user, state__in=Attendance.WAS_THERE)
    return bool(came.exists())


def _answer_of(request: HttpRequest, meeting: Meeting) -> Rsvp | None:
    if not request.user.is_authenticated:
        return None
    return meeting.rsvps.filter(person=request.user).first()


def _list_url(community: Community) -> str:
    return reverse("meetings:meeting_list", args=[community.slug])


@require_POST
@login_required
def rsvp_answer(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Many may press at one moment: no more is asked than the answer needs (reliability 5.5)."""
    meeting = find_meeting_or_404(slug, public_id)
    answer = request.POST.get("answer", "")
    try:
        rsvp = answer_rsvp(
            meeting=meeting,
            person=request.user,
            answer=answer,
            via=Rsvp.Via.SITE,
            now=timezone.now(),
        )
    except NotAdmitted as error:
        # 404, not 403: who may not see a meeting may not learn that there is one.
        raise Http404 from error
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, say_answer(rsvp))
    return redirect(meeting)


@require_POST
@login_required
@with_community
def rsvp_need(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """What one needs to take part; changed and taken back here too."""
    meeting = get_meeting_or_404(request.user, community, public_id)
    form = AccessNeedForm(request.POST)
    if not form.is_valid():
        return _page(request, meeting, need_form=form)
    need = form.cleaned_data["access_need"]
    try:
        say_access_need(meeting=meeting, person=request.user, need=need, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, say_need_noted(need))
    return redirect(meeting)
