"""The confirm pages of a meeting's life: ask once more, then one action."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cop.core.errors import ActionError
from cop.core.time import say_span
from meetings.admin.announcing import announcing, preview_page
from meetings.admin.base import desk_page
from meetings.admin.readiness import readiness_panel
from meetings.desk_steps import STEPS, Step
from meetings.models import Meeting
from meetings.queries.readiness import GOOD_NOTICE
from members.desk import CommunityAdmin

# These two decide on grounds that the list gives.
WITH_LIST = ("publish", "wrap")


class StepPages(CommunityAdmin):
    """What `MeetingAdmin` inherits for the steps of `desk_steps`."""

    def step_view(self, request: HttpRequest, object_id: str, *, name: str) -> HttpResponse:
        step, meeting = STEPS[name], self.changeable_or_404(request, object_id)
        form = step.form(request.POST if request.method == "POST" else None, meeting=meeting)
        if form.is_valid() and self._take(request, step, meeting, form.cleaned_data):
            if step.leaves_nothing:
                return redirect("admin:meetings_meeting_changelist")
            return redirect("admin:meetings_meeting_change", meeting.pk)
        context = self._about(step, meeting, form)
        if name == "publish":
            context |= announcing(meeting, request)
        return desk_page(self, request, "meeting_step.html", context)

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return preview_page(self.changeable_or_404(request, object_id), request)

    def changeable_or_404(self, request: HttpRequest, object_id: str) -> Meeting:
        meeting = self.get_object(request, unquote(object_id))
        if meeting is None:
            raise Http404
        if not self.has_change_permission(request, meeting):
            raise PermissionDenied
        return meeting

    def _take(
        self, request: HttpRequest, step: Step, meeting: Meeting, data: dict[str, Any]
    ) -> bool:
        """False where it was refused: then what was typed stays on the page."""
        try:
            step.action(meeting=meeting, by=request.user, now=timezone.now(), **data)
        except ActionError as error:
            self.message_user(request, str(error), messages.ERROR)
            return False
        done = str(step.done) % {"title": meeting.title}
        self.message_user(request, done, messages.SUCCESS)
        return True

    def _about(self, step: Step, meeting: Meeting, form: Any) -> dict[str, Any]:  # noqa: ANN401
        now, is_publish = timezone.now(), step.name == "publish"
        page = reverse("admin:meetings_meeting_change", args=[meeting.pk])
        panel = readiness_panel(meeting, now, form=page) if step.name in WITH_LIST else None
        return {
            "title": step.heading,
            "step": step,
            "form": form,
            "original": meeting,
            "when": say_span(meeting.starts_at, meeting.ends_at, meeting.timezone, now=now),
            "is_short_notice": is_publish and meeting.starts_at - now < GOOD_NOTICE,
            "involved": meeting.rsvps.involved().count(),
            "coming": meeting.rsvps.filter(state__in=["going", "needs_confirmation"]).count(),
            "made_up": list(meeting.make_ups.order_by("starts_at", "pk")),
            "panel": panel,
            # What would be refused anyhow is not offered.
            "is_stopped": is_publish and panel is not None and panel["stops"],
        }
