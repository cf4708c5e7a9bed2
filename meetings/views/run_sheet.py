"""The run sheet: what happens when, who leads, the big timer, and notes at each step."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from meetings.access import prepares
from meetings.actions.step_notes import save_step_note
from meetings.forms.run_sheet import StepNoteForm
from meetings.models import Meeting
from meetings.queries import access_needs
from meetings.queries.run_sheet import briefs, first_timers, may_run, roles_in_force, sheet_steps
from meetings.views.meetings import zone_of
from members.access import with_community
from members.models import Community


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def run_sheet(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    rows = Meeting.objects.filter(community=community, public_id=public_id)
    meeting = rows.select_related("facilitator", "format").first()
    if meeting is None:
        raise Http404
    meeting.community = community
    if not may_run(request.user, meeting):
        raise Http404
    if request.method == "POST":
        return _save(request, meeting)
    return render(request, "meetings/run_sheet.html", _context(request, meeting))


def _context(request: HttpRequest, meeting: Meeting) -> dict[str, Any]:
    roles = list(roles_in_force(meeting))
    steps = sheet_steps(meeting, roles)
    is_preparing = prepares(meeting, request.user)
    return {
        "meeting": meeting,
        "zone": zone_of(request, meeting.community),
        "steps": steps,
        "ends_at": steps[-1].ends_at if steps else meeting.ends_at,
        "roles": roles,
        "holders": briefs(meeting, roles, is_preparing=is_preparing, now=timezone.now()),
        "is_preparing": is_preparing,
        # What people need to take part is for those who prepare it, and not for each role.
        "needs": access_needs(meeting) if is_preparing else [],
        "first_timers": first_timers(meeting),
        "parents": [{"label": meeting.title, "url": meeting.get_absolute_url()}],
    }


def _save(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """For the script on the page as JSON; without it a form like any other."""
    asks_json = "application/json" in request.headers.get("Accept", "")
    form = StepNoteForm(request.POST)
    error, saved = "", None
    if form.is_valid():
        try:
            saved = save_step_note(meeting=meeting, by=request.user, **form.cleaned_data)
        except ActionError as problem:
            error = str(problem)
    else:
        words = form.errors.get("note")
        error = words[0] if words else _("This note could not be read. Open the page again.")
    if saved is None:
        if asks_json:
            return JsonResponse({"error": error}, status=422)
        messages.error(request, error)
        context = _context(request, meeting) | {"unsaved": request.POST.get("note", "")}
        return render(request, "meetings/run_sheet.html", context)
    if asks_json:
        return JsonResponse({
            "note": saved.step.note, "version": saved.step.note_version, "joined": saved.is_joined,
        })  # fmt: skip
    if saved.is_joined:
        messages.info(request, _("Somebody else wrote here too: both texts are kept."))
    else:
        messages.success(request, _("The note is saved."))
    return redirect(f"{request.path}#step-{saved.step.pk}")
