"""After a meeting, at the desk: the notes, and what people thought of it."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.actions.feedback import flag_feedback, follow_up_feedback
from meetings.admin.base import desk_page
from meetings.admin.tabs import Tab
from meetings.models import Feedback, Meeting
from meetings.queries.feedback import feedback_of
from members.desk import CommunityAdmin

DO = {"done": follow_up_feedback, "flag": flag_feedback}


def feedback_view(admin: CommunityAdmin, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Numbers once five have answered; what asks for a call, at once (FB1, FB2)."""
    if request.method == "POST":
        row = _row(meeting, request.POST.get("feedback", ""))
        act = DO.get(request.POST.get("do", ""))
        if row is not None and act is not None:
            act(feedback=row, by=request.user)
            messages.success(request, _("Noted."))
        return redirect(request.path)
    context = {
        "title": _("Feedback"),
        "meeting": meeting,
        "results": feedback_of(meeting),
        "back_url": reverse("admin:meetings_meeting_change", args=[meeting.pk]),
    }
    return desk_page(admin, request, "feedback.html", context)


def _row(meeting: Meeting, key: str) -> Feedback | None:
    try:
        return meeting.feedback.filter(pk=key).first()
    except ValidationError:
        return None


def notes_view(admin: CommunityAdmin, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """They are written on the site, where the note-taker finds them too."""
    return redirect("meetings:meeting_notes", meeting.community.slug, meeting.public_id)


def _has_begun(meeting: Meeting, now: datetime) -> bool:
    out = {Meeting.State.DRAFT, Meeting.State.CANCELLED}
    return meeting.state not in out and meeting.starts_at <= now


def _is_over(meeting: Meeting, now: datetime) -> bool:
    return _has_begun(meeting, now) and meeting.ends_at <= now


TABS = [
    Tab("notes", gettext_lazy("Notes"), notes_view, _has_begun),
    Tab("feedback", gettext_lazy("Feedback"), feedback_view, _is_over),
]
