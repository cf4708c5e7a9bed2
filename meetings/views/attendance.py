"""Checking in at the door, one's own attendance, and the check of a paper."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.core.errors import ActionError
from meetings.access import get_meeting_or_404
from meetings.actions.attendance import CHECK_IN_ENDS, note_arrival
from meetings.actions.certificates import issue_certificate, issue_transcript
from meetings.models import Attendance, Meeting
from meetings.models.meetings import DOORS_OPEN
from meetings.queries.attendance import attended_by, in_year, years_of
from meetings.queries.certificates import find_certificate, in_groups, initials
from members.access import with_community
from members.models import Community


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def check_in(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """“I am here”, by the phone at the door. GET shows the button, POST notes it (AT1)."""
    meeting = get_meeting_or_404(request.user, community, public_id)
    now = timezone.now()
    if request.method == "POST":
        try:
            note_arrival(
                meeting=meeting, person=request.user, source=Attendance.Source.SELF, now=now
            )
        except ActionError as error:
            messages.error(request, str(error))
        return redirect(request.path)
    takes_place = meeting.state in {Meeting.State.SCHEDULED, Meeting.State.HELD}
    context = {
        "meeting": meeting,
        "zone": getattr(request, "zone", None) or community.timezone,
        "attendance": meeting.attendances.filter(person=request.user).first(),
        "is_open": takes_place
        and meeting.starts_at - DOORS_OPEN <= now <= meeting.ends_at + CHECK_IN_ENDS,
        "is_early": now < meeting.starts_at - DOORS_OPEN,
        "parents": [{"label": meeting.title, "url": meeting.get_absolute_url()}],
    }
    return render(request, "meetings/check_in.html", context)


@require_safe
@login_required
def my_attendance(request: HttpRequest) -> HttpResponse:
    """Where one was, year by year, with the papers that say so."""
    return render(request, "meetings/my_attendance.html", {"years": years_of(request.user)})


@require_POST
@login_required
def my_certificate(request: HttpRequest, public_id: str) -> HttpResponse:
    rows = Attendance.objects.filter(person=request.user, meeting__public_id=public_id)
    row = get_object_or_404(rows.select_related("meeting__community"))
    try:
        paper = issue_certificate(meeting=row.meeting, person=request.user, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
        return redirect("my_attendance")
    from meetings.papers import certificate_pdf

    zone = request.user.timezone
    return _pdf(certificate_pdf(paper, language=get_language(), zone=zone), "certificate")


@require_POST
@login_required
def my_transcript(request: HttpRequest, slug: str, first: str) -> HttpResponse:
    """All meetings of the programme year that begins on `first` (YYYY-MM-DD)."""
    community = get_object_or_404(Community, slug=slug)
    try:
        day = date.fromisoformat(first)
    except ValueError as error:
        raise Http404 from error
    try:
        paper = issue_transcript(
            community=community, person=request.user, year_from=day, now=timezone.now()
        )
    except ActionError as error:
        messages.error(request, str(error))
        return redirect("my_attendance")
    from meetings.papers import transcript_pdf

    rows = list(in_year(attended_by(request.user, community), day))[::-1]
    zone = request.user.timezone
    return _pdf(transcript_pdf(paper, rows, language=get_language(), zone=zone), "attendance")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def certificate_check(request: HttpRequest) -> HttpResponse:
    """Anybody who holds a paper can ask whether it is ours: it says what was printed, and no name.

    Only the first letters of the name, to compare with the paper in hand.
    """
    typed = request.GET.get("code", "")[:40]
    paper = find_certificate(typed) if typed else None
    context = {"typed": typed, "paper": paper}
    if paper is not None:
        context |= {"code": in_groups(paper.code), "initials": initials(paper.name)}
    elif typed:
        messages.error(
            request,
            _("We know no paper with this code. Compare it sign by sign with the paper."),
        )
    response = render(request, "meetings/certificate_check.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
