"""Put it in the library: what came of a meeting."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from library.actions import bring_from_meeting
from library.meeting_forms import FromMeetingForm
from library.models import Resource
from library.queries.from_meeting import kinds_of, may_bring
from meetings.access import get_meeting_or_404
from meetings.models import Meeting
from members.access import with_community
from members.models import Community


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def from_meeting(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """First what it is, then the usual form with all that the meeting knows filled in."""
    meeting = get_meeting_or_404(request.user, community, public_id)
    if not may_bring(request.user, meeting):
        raise PermissionDenied(_("Who prepared the meeting, and the librarian, can do this."))
    is_over = meeting.ends_at <= timezone.now() and meeting.state != Meeting.State.CANCELLED
    kinds = kinds_of(meeting) if is_over else []
    kind = request.GET.get("kind", "")
    if kind not in kinds:
        choices = [(one, Resource.Kind(one).label) for one in kinds]
        return _page(request, meeting, {"choices": choices, "is_over": is_over})
    form = FromMeetingForm(request.POST or None, request.FILES or None, meeting=meeting, kind=kind)
    if form.is_valid():
        try:
            resource = bring_from_meeting(
                meeting=meeting, kind=kind, by=request.user, now=timezone.now(), **form.values()
            )
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            return _thank(request, resource)
    return _page(request, meeting, {"form": form, "kind": Resource.Kind(kind).label})


def _page(request: HttpRequest, meeting: Meeting, more: dict[str, Any]) -> HttpResponse:
    url = reverse("meetings:meeting_detail", args=[meeting.community.slug, meeting.public_id])
    context = {"meeting": meeting, "parents": [{"label": meeting.title, "url": url}], **more}
    return render(request, "library/from_meeting.html", context)


def _thank(request: HttpRequest, resource: Resource) -> HttpResponse:
    text = _(
        "We have “%(title)s”. The librarian asks those who are in it, then puts it in the library."
    )
    messages.success(request, text % {"title": resource.title})
    return redirect(f"{resource.get_absolute_url()}?sent=1")
