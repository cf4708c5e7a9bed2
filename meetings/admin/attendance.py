"""Attendance on one screen: by hand, or by the list of the video service (AT1 to AT5)."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cop.core.errors import ActionError
from meetings.actions.attendance import save_attendance
from meetings.actions.attendance_imports import (
    drop_attendance_import,
    finish_attendance_import,
    start_attendance_import,
)
from meetings.admin.base import desk_page
from meetings.admin.tabs import Tab
from meetings.attendance_lists import MAX_BYTES
from meetings.models import Attendance, AttendanceImport, Meeting
from meetings.models.meetings import DOORS_OPEN
from meetings.queries.attendance import candidates, first_timers, sheet
from members.desk import CommunityAdmin

State = Attendance.State
CHOICES = (
    (State.PRESENT, gettext_lazy("Was there")),
    (State.PARTIAL, gettext_lazy("For a while")),
    (State.ABSENT, gettext_lazy("Was not there")),
    ("", gettext_lazy("We do not know")),
)


def attendance_view(admin: CommunityAdmin, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """GET shows the sheet, or the doubtful rows of a list; POST does one of four things."""
    if request.method == "POST":
        try:
            told = DO[request.POST.get("do", "save")](request, meeting, timezone.now())
        except KeyError:
            told = ""
        except ActionError as error:
            messages.error(request, str(error))
        else:
            if told:
                messages.success(request, told)
        return redirect(address(meeting))
    listing = meeting.attendance_imports.filter(finished_at=None).first()
    if listing is not None:
        return _match_page(admin, request, meeting, listing)
    return _sheet_page(admin, request, meeting)


def address(meeting: Meeting) -> str:
    return reverse("admin:meetings_meeting_attendance", args=[meeting.pk])


def _sheet_page(admin: CommunityAdmin, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    words = " ".join(request.GET.get("q", "").split())[:80]
    people = list(sheet(meeting, words))
    there = meeting.attendances.filter(state__in=Attendance.WAS_THERE).count()
    context = {
        "title": _("Attendance"),
        "meeting": meeting,
        "people": people,
        "words": words,
        "choices": CHOICES,
        "there": there,
        "first_timers": list(first_timers(meeting)[:50]),
        "is_open": timezone.now() >= meeting.starts_at - DOORS_OPEN,
        "back_url": reverse("admin:meetings_meeting_change", args=[meeting.pk]),
    }
    return desk_page(admin, request, "attendance.html", context)


def _match_page(
    admin: CommunityAdmin, request: HttpRequest, meeting: Meeting, listing: AttendanceImport
) -> HttpResponse:
    rows = list(listing.rows.select_related("person").order_by("line", "pk"))
    sure = [row for row in rows if row.is_confirmed]
    context = {
        "title": _("Who is who?"),
        "meeting": meeting,
        "listing": listing,
        "sure": sure,
        "by_name": [r for r in rows if not r.is_confirmed and r.person_id],
        "unknown": [r for r in rows if not r.is_confirmed and not r.person_id],
        # Names alone: other people's addresses are nobody's business.
        "names": list(_names(meeting)),
        "back_url": reverse("admin:meetings_meeting_change", args=[meeting.pk]),
    }
    return desk_page(admin, request, "attendance_match.html", context)


def _save(request: HttpRequest, meeting: Meeting, now: datetime) -> str:
    states = {}
    for name, value in request.POST.items():
        key = name.removeprefix("person-")
        if name.startswith("person-") and key.isdecimal() and len(key) < 10:
            before = request.POST.get(f"was-{key}", "")
            # What nobody touched here may have changed by the join link meanwhile.
            if value != before:
                states[int(key)] = value
    number = request.POST.get("unidentified", "0").strip() or "0"
    if not number.isdecimal() or len(number) > 4:
        raise ActionError(_("Give the number of people nobody could name, such as 2, or 0."))
    save_attendance(
        meeting=meeting, states=states, unidentified=int(number), by=request.user, now=now
    )
    return _("Attendance is saved.")


def _upload(request: HttpRequest, meeting: Meeting, now: datetime) -> str:
    file = request.FILES.get("list")
    if file is None:
        raise ActionError(_("Choose the file first, then send it."))
    data = file.read(MAX_BYTES + 1)
    made = start_attendance_import(meeting=meeting, data=data, by=request.user, now=now)
    told = ngettext("%(n)d person stands in this list.", "%(n)d people stand in this list.",
                    made.row_count)  # fmt: skip
    return told % {"n": made.row_count} + " " + _("The file itself is not kept.")


def _finish(request: HttpRequest, meeting: Meeting, now: datetime) -> str:
    listing = _open_listing(request, meeting)
    names = _names(meeting)
    chosen: dict[int, int | None] = {}
    for row in listing.rows.filter(is_confirmed=None):
        value = " ".join(request.POST.get(f"row-{row.pk}", "").split())
        if value and not row.person_id and value not in names:
            raise ActionError(
                _("We know nobody called “%(name)s” here. Choose a name from the list, or leave "
                  "the field empty.") % {"name": value[:80]}
            )  # fmt: skip
        said_yes = row.person_id if value == "yes" else None
        chosen[row.pk] = said_yes if row.person_id else names.get(value)
    finish_attendance_import(listing=listing, chosen=chosen, by=request.user, now=now)
    return _("Attendance is saved, and the list is deleted.")


def _names(meeting: Meeting) -> dict[str, int]:
    """Everybody who may be chosen, by a name that stands for one person alone."""
    found: dict[str, int] = {}
    people = candidates(meeting).order_by("display_name", "pk")
    for key, name in people.values_list("pk", "display_name"):
        name, number = " ".join(name.split()), 2
        one = name
        while one in found:
            one, number = f"{name} ({number})", number + 1
        found[one] = key
    return found


def _drop(request: HttpRequest, meeting: Meeting, now: datetime) -> str:
    drop_attendance_import(listing=_open_listing(request, meeting), by=request.user)
    return _("The list is deleted. Nothing was taken from it.")


def _open_listing(request: HttpRequest, meeting: Meeting) -> AttendanceImport:
    rows = AttendanceImport.objects.filter(meeting=meeting, finished_at=None)
    listing = rows.filter(public_id=request.POST.get("listing", "")).first()
    if listing is None:
        raise ActionError(_("This list was finished or replaced meanwhile. Nothing was changed."))
    return listing


DO = {"save": _save, "upload": _upload, "finish": _finish, "drop": _drop}


def poster_view(admin: CommunityAdmin, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """For the door: people say by phone that they came."""
    from meetings.papers import door_poster_pdf

    content = door_poster_pdf(meeting, language=meeting.language)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="door.pdf"'
    return response


def _has_a_door(meeting: Meeting, now: datetime) -> bool:
    return meeting.is_in_person and meeting.state == Meeting.State.SCHEDULED


def _is_near(meeting: Meeting, now: datetime) -> bool:
    out = {Meeting.State.DRAFT, Meeting.State.CANCELLED}
    return meeting.state not in out and now >= meeting.starts_at - DOORS_OPEN


TABS = [
    Tab("poster", gettext_lazy("Poster for the door (PDF)"), poster_view, _has_a_door),
    Tab("attendance", gettext_lazy("Attendance"), attendance_view, _is_near),
]
