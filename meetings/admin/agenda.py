"""The agenda of a meeting at the desk: choose a format, change the steps, fit them to the time."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from meetings.actions.agenda import assign_format, edit_agenda, fit_agenda
from meetings.admin.base import desk_page
from meetings.admin.tabs import Tab
from meetings.desk_forms.agenda import FormatForm, StepFormSet, initial_rows, rows_of
from meetings.models import Meeting
from meetings.queries.agenda import suggest_formats, timed_agenda
from members.desk import CommunityAdmin


def agenda_view(admin: CommunityAdmin, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    formset = None
    if request.method == "POST":
        now, do = timezone.now(), request.POST.get("do", "save")
        try:
            if do == "assign":
                _assign(request, meeting, now)
            elif do == "fit":
                fit_agenda(meeting=meeting, by=request.user, now=now)
                messages.success(request, _("The agenda fills the time of the meeting now."))
            else:
                formset = StepFormSet(request.POST, prefix="step")
                if formset.is_valid():
                    edit_agenda(meeting=meeting, rows=rows_of(formset), by=request.user, now=now)
                    messages.success(request, _("The agenda is saved."))
                    formset = None
        except ActionError as error:
            messages.error(request, str(error))
        if formset is None:
            return redirect(request.path)
    return _page(admin, request, meeting, formset)


def _assign(request: HttpRequest, meeting: Meeting, now: datetime) -> None:
    form = FormatForm(request.POST, meeting=meeting)
    if not form.is_valid():
        raise ActionError(_("Choose one of the formats."))
    chosen = form.cleaned_data["format"]
    steps = assign_format(meeting=meeting, format=chosen, by=request.user, now=now)
    planned = sum(step.minutes for step in steps)
    told = _("“%(format)s” is the format now, with its agenda.") % {"format": chosen}
    if planned != meeting.duration:
        told += " " + _(
            "Its steps take %(planned)d minutes and cannot be fitted to %(wanted)d: change the "
            "minutes below, or the length of the meeting."
        ) % {"planned": planned, "wanted": meeting.duration}
    messages.success(request, told)


def _page(
    admin: CommunityAdmin,
    request: HttpRequest,
    meeting: Meeting,
    formset: Any,  # noqa: ANN401
) -> HttpResponse:
    timed = timed_agenda(meeting)
    planned = sum(one.step.minutes for one in timed)
    suggestions, hint = suggest_formats(meeting)
    now = timezone.now()
    states = {Meeting.State.DRAFT, Meeting.State.SCHEDULED}
    if formset is None:
        rows = initial_rows([one.step for one in timed])
        formset = StepFormSet(initial=rows, prefix="step")
    context = {
        "title": _("Agenda"),
        "meeting": meeting,
        "timed": timed,
        "planned": planned,
        "left": meeting.duration - planned,
        "suggestions": suggestions,
        "hint": hint,
        "formset": formset,
        "may_change": meeting.state in states and meeting.ends_at > now,
        "back_url": reverse("admin:meetings_meeting_change", args=[meeting.pk]),
    }
    return desk_page(admin, request, "agenda.html", context)


def _not_cancelled(meeting: Meeting, now: datetime) -> bool:
    return meeting.state != Meeting.State.CANCELLED


TABS = [Tab("agenda", gettext_lazy("Agenda"), agenda_view, _not_cancelled)]
