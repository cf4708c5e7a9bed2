"""After a meeting: feedback without a name, the notes, what happened since."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from meetings.actions.feedback import TAKEN_FOR, give_feedback
from meetings.actions.following_up import tell_outcome
from meetings.actions.notes import (
    NotesChanged,
    answer_notes,
    ask_holder,
    publish_notes,
    save_notes,
)
from meetings.forms.after import FeedbackForm, NotesForm, OutcomeForm
from meetings.link_readers import language_of, read_meeting_link, read_role_link
from meetings.models import Attendance, Meeting, MeetingNotes
from meetings.queries.notes import holder_of, may_write_notes, notes_of_steps
from members.access import with_community
from members.models import Community

LINK_METHODS = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(LINK_METHODS)
def feedback_link(request: HttpRequest, token: str) -> HttpResponse:
    """Opened from the mail of thanks. The answers are kept without the person (2.12)."""
    meeting, person, _rest = read_meeting_link("feedback", token)
    came = Attendance.objects.filter(
        meeting=meeting, person=person, state__in=Attendance.WAS_THERE
    ).first()
    if came is None:
        raise Http404
    now = timezone.now()
    with translation.override(language_of(request, person)):
        is_open = not came.gave_feedback and meeting.ends_at <= now <= meeting.ends_at + TAKEN_FOR
        form = FeedbackForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                give_feedback(meeting=meeting, person=person, now=now, **form.cleaned_data)
            except ActionError as error:
                form.add_error(None, str(error))
            else:
                return redirect("feedback_link", token=token)
        context = {
            "meeting": meeting,
            "community": meeting.community,
            "zone": person.timezone,
            "form": form,
            "is_open": is_open,
            "is_given": came.gave_feedback,
        }
        return render(request, "meetings/feedback.html", context)


@never_cache
@require_http_methods(LINK_METHODS)
def notes_link(request: HttpRequest, token: str) -> HttpResponse:
    """The issue holder reads the notes and says yes or no."""
    role = read_role_link("notes", token)
    notes = MeetingNotes.objects.filter(meeting=role.meeting).first()
    holder = holder_of(role.meeting)
    if notes is None or holder != role:
        raise Http404
    with translation.override(language_of(request, role.person)):
        if request.method == "POST":
            version = request.POST.get("version", "")
            try:
                answer_notes(
                    role=role,
                    version=int(version) if version.isdecimal() and len(version) < 9 else -1,
                    agrees=request.POST.get("answer") == "yes",
                    now=timezone.now(),
                )
            except ActionError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("Thank you. We told those who wrote the notes."))
            return redirect("notes_link", token=token)
        context = {"meeting": role.meeting, "community": role.meeting.community, "notes": notes,
                   "zone": role.person.timezone}  # fmt: skip
        return render(request, "meetings/notes_answer.html", context)


@never_cache
@require_http_methods(LINK_METHODS)
def outcome_link(request: HttpRequest, token: str) -> HttpResponse:
    """Thirty days later: what happened, in the holder's own words."""
    role = read_role_link("outcome", token)
    with translation.override(language_of(request, role.person)):
        known = {"text": role.outcome, "may_be_shared": role.outcome_may_be_shared}
        form = OutcomeForm(request.POST if request.method == "POST" else None, initial=known)
        if form.is_valid():
            try:
                tell_outcome(role=role, now=timezone.now(), **form.cleaned_data)
            except ActionError as error:
                form.add_error(None, str(error))
            else:
                messages.success(
                    request, _("Thank you. Until you close this page you can still change it.")
                )
                return redirect("outcome_link", token=token)
        context = {"meeting": role.meeting, "community": role.meeting.community, "role": role,
                   "form": form, "zone": role.person.timezone}  # fmt: skip
        return render(request, "meetings/outcome.html", context)


@never_cache
@require_http_methods(LINK_METHODS)
@login_required
@with_community
def meeting_notes(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """Written by those who ran it and who took notes; shown to the holder; then published."""
    rows = Meeting.objects.filter(community=community, public_id=public_id)
    meeting = rows.exclude(state=Meeting.State.DRAFT).select_related("community").first()
    if meeting is None or not may_write_notes(request.user, meeting):
        raise Http404
    notes = MeetingNotes.objects.filter(meeting=meeting).first()
    if request.method == "POST":
        return _act(request, meeting, notes)
    return _notes_page(request, meeting, notes)


def _act(request: HttpRequest, meeting: Meeting, notes: MeetingNotes | None) -> HttpResponse:
    now, do = timezone.now(), request.POST.get("do", "save")
    form = NotesForm(request.POST)
    try:
        if do == "save":
            if not form.is_valid():
                return _notes_page(request, meeting, notes, form)
            texts = {name: form.cleaned_data[name] for name in NotesForm.Meta.fields}
            version = form.cleaned_data["version"] or 0
            save_notes(meeting=meeting, texts=texts, version=version, by=request.user, now=now)
            messages.success(request, _("The notes are saved. Nobody else reads them yet."))
        elif do == "ask" and notes is not None:
            ask_holder(notes=notes, by=request.user, now=now)
            messages.success(request, _("The issue holder gets a mail with a link to read them."))
        elif do == "publish" and notes is not None:
            publish_notes(notes=notes, by=request.user, now=now)
            messages.success(request, _("The notes are on the page of the meeting now."))
    except NotesChanged as error:
        form.add_error(None, str(error))
        fresh = MeetingNotes.objects.filter(meeting=meeting).first()
        return _notes_page(request, meeting, fresh, form, theirs=True)
    except ActionError as error:
        messages.error(request, str(error))
    return redirect(request.path)


def _notes_page(
    request: HttpRequest,
    meeting: Meeting,
    notes: MeetingNotes | None,
    form: NotesForm | None = None,
    *,
    theirs: bool = False,
) -> HttpResponse:
    if form is None:
        first = {"ideas": notes_of_steps(meeting)} if notes is None else {}
        version = notes.version if notes else 0
        form = NotesForm(instance=notes, initial={"version": version, **first})
    elif theirs and notes is not None:
        form.data = form.data.copy()
        form.data["version"] = str(notes.version)
    context = {
        "meeting": meeting,
        "notes": notes,
        "form": form,
        "theirs": notes if theirs else None,
        "holder": holder_of(meeting),
        "may_begin": meeting.starts_at <= timezone.now(),
        "zone": getattr(request, "zone", None) or meeting.community.timezone,
        "parents": [{"label": meeting.title, "url": meeting.get_absolute_url()}],
    }
    return render(request, "meetings/notes.html", context)
