"""Who does what at a meeting: the page beside its form."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from meetings.actions.prep import cancel_prep_call, plan_prep_call
from meetings.actions.roles import call_backup, invite_role, name_role, remove_role
from meetings.admin.base import desk_page
from meetings.admin.tabs import Tab
from meetings.desk_forms.roles import PrepCallForm, RoleForm
from meetings.models import Meeting, MeetingRole, Part, PrepCall
from meetings.models.formats import ON_THE_SPOT
from members.desk import CommunityAdmin

WEEK = timedelta(weeks=1)


def roles_view(admin: CommunityAdmin, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    forms: dict[str, object] = {}
    if request.method == "POST":
        act = DO.get(request.POST.get("do", ""))
        try:
            done = act(request, meeting, timezone.now(), forms) if act else ""
        except ActionError as error:
            messages.error(request, str(error))
        else:
            if done:
                messages.success(request, done)
        if not forms:
            return redirect(request.path)
    return _page(admin, request, meeting, forms)


def _page(
    admin: CommunityAdmin, request: HttpRequest, meeting: Meeting, forms: dict[str, object]
) -> HttpResponse:
    roles = list(meeting.roles.select_related("person").order_by("part", "is_backup", "pk"))
    call = PrepCall.objects.filter(meeting=meeting, is_cancelled=False).first()
    day = meeting.local_date - WEEK
    first = {"day": day, "at": meeting.local_time}
    if call is not None:
        first = {"day": call.local_date, "at": call.local_time, "join_url": call.join_url}
    context = {
        "title": _("Roles"),
        "meeting": meeting,
        "roles": roles,
        "needed": _needed(meeting, roles),
        "call": call,
        "has_holder": any(
            role.part == Part.ISSUE_HOLDER and role.state in MeetingRole.IN_FORCE for role in roles
        ),
        "role_form": forms.get("role") or RoleForm(meeting=meeting),
        "call_form": forms.get("call") or PrepCallForm(initial=first),
        "back_url": reverse("admin:meetings_meeting_change", args=[meeting.pk]),
    }
    return desk_page(admin, request, "roles.html", context)


def _needed(meeting: Meeting, roles: list[MeetingRole]) -> list[str]:
    """Parts of the format that nobody has yet (F4); the facilitator stands on the meeting."""
    wanted = meeting.format.roles if meeting.format else []
    given = {r.part for r in roles if r.state in MeetingRole.IN_FORCE and not r.is_backup}
    if meeting.facilitator_id:
        given.add(Part.FACILITATOR)
    parts = [Part(one) for one in wanted if one not in given and one not in ON_THE_SPOT]
    return [str(part.label) for part in parts]


def _add(request: HttpRequest, meeting: Meeting, now: datetime, forms: dict[str, object]) -> str:
    form = RoleForm(request.POST, meeting=meeting)
    if not form.is_valid():
        forms["role"] = form
        return ""
    name_role(meeting=meeting, by=request.user, now=now, **form.cleaned_data)
    return _("The part is given. Ask them by mail when you are ready.")


def _row(request: HttpRequest, meeting: Meeting) -> MeetingRole:
    key = request.POST.get("role", "")
    row = meeting.roles.filter(public_id=key).first()
    if row is None:
        raise ActionError(_("This part was changed meanwhile. Here is how it stands now."))
    return row


def _invite(request: HttpRequest, meeting: Meeting, now: datetime, forms: dict[str, object]) -> str:
    invite_role(role=_row(request, meeting), by=request.user, now=now)
    return _("A mail with a link is on its way: they say yes or no without signing in.")


def _backup(request: HttpRequest, meeting: Meeting, now: datetime, forms: dict[str, object]) -> str:
    call_backup(role=_row(request, meeting), by=request.user, now=now)
    return _("The backup steps in, and knows it.")


def _remove(request: HttpRequest, meeting: Meeting, now: datetime, forms: dict[str, object]) -> str:
    remove_role(role=_row(request, meeting), by=request.user, now=now)
    return _("They are off the plan. If they were asked already, write to them.")


def _call(request: HttpRequest, meeting: Meeting, now: datetime, forms: dict[str, object]) -> str:
    form = PrepCallForm(request.POST)
    if not form.is_valid():
        forms["call"] = form
        return ""
    plan_prep_call(meeting=meeting, by=request.user, now=now, **form.cleaned_data)
    return _("The call is planned. Issue holder and facilitator get a calendar entry.")


def _no_call(
    request: HttpRequest, meeting: Meeting, now: datetime, forms: dict[str, object]
) -> str:
    cancel_prep_call(meeting=meeting, by=request.user, now=now)
    return _("The call is off, and both know.")


Act = Callable[[HttpRequest, Meeting, datetime, dict[str, object]], str]
DO: dict[str, Act] = {
    "add": _add, "invite": _invite, "backup": _backup, "remove": _remove, "call": _call,
    "no_call": _no_call,
}  # fmt: skip


def _not_cancelled(meeting: Meeting, now: datetime) -> bool:
    return meeting.state != Meeting.State.CANCELLED


TABS = [Tab("roles", gettext_lazy("Roles"), roles_view, _not_cancelled)]
