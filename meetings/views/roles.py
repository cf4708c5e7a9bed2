"""The page of whoever has a part in a meeting, opened from the mail without signing in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from meetings.actions.roles import answer_role, save_brief
from meetings.forms.roles import BriefForm
from meetings.link_readers import language_of, read_role_link
from meetings.models import MeetingRole, Part


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def role_link(request: HttpRequest, token: str) -> HttpResponse:
    """Say yes or no; an issue holder also writes the brief. GET changes nothing."""
    role = read_role_link("role", token, withdrawn=True)
    with translation.override(language_of(request, role.person)):
        known = {name: getattr(role, name) for name in ("context", "tried", "question")}
        form = BriefForm(initial=known)
        if request.method == "POST":
            form = BriefForm(request.POST)
            if _act(request, role, form):
                return redirect("role_link", token=token)
        now = timezone.now()
        context = {
            "meeting": role.meeting,
            "community": role.meeting.community,
            "role": role,
            "form": form,
            "is_holder": role.part == Part.ISSUE_HOLDER,
            "may_answer": role.meeting.starts_at > now
            and role.meeting.state != role.meeting.State.CANCELLED,
            "zone": role.person.timezone,
        }
        return render(request, "meetings/role_link.html", context)


def _act(request: HttpRequest, role: MeetingRole, form: BriefForm) -> bool:
    """True when the page can be shown anew; False where the form says what is wrong."""
    now, do = timezone.now(), request.POST.get("do", "")
    try:
        if do in {"yes", "no"}:
            answer_role(role=role, comes=do == "yes", now=now)
            done = (
                _("Thank you, we count on you.")
                if do == "yes"
                else _("Thank you for telling us in time. The facilitator knows.")
            )
            messages.success(request, done)
        elif do == "brief":
            if not form.is_valid():
                return False
            save_brief(role=role, texts=form.cleaned_data, now=now)
            messages.success(
                request, _("Your brief is kept. The facilitator reads it, and nobody else yet.")
            )
    except ActionError as error:
        messages.error(request, str(error))
    return True
