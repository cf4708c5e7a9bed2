"""Small steps on an application that decide nothing: take it on, give it back, lay it aside."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cop.core.errors import ActionError
from members.actions.claims import (
    claim_application,
    hold_application,
    release_application,
    resume_application,
)
from members.models import MembershipApplication


class HoldForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Sixty days from today at most. Then it is in the queue again."),
    )
    reason = forms.CharField(
        label=gettext_lazy("What we wait for"),
        max_length=200,
        help_text=gettext_lazy("Your colleagues read it; the person does not."),
    )


@require_POST
def take_step(request: HttpRequest, rows: Any, pk: int) -> HttpResponse:  # noqa: ANN401
    """One of the buttons over the claim. `rows`: the applications of this staff member."""
    application = rows.filter(pk=pk).select_related("community", "person").first()
    if application is None:
        raise Http404
    try:
        told = _do(request, application)
    except ActionError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, told)
    page = reverse("admin:members_membershipapplication_change", args=[pk])
    return HttpResponseRedirect(page)


def _do(request: HttpRequest, application: MembershipApplication) -> str:
    who = {"application": application, "by": request.user, "now": timezone.now()}
    do = request.POST.get("do")
    if do == "claim":
        claim_application(**who)
        return _("You took this on. The others see your name.")
    if do == "release":
        release_application(**who)
        return _("It is back in the queue.")
    if do == "resume":
        resume_application(**who)
        return _("It is back in the queue.")
    form = HoldForm(request.POST)
    if not form.is_valid():
        raise ActionError(_("Give a day and a reason to lay it aside."))
    hold_application(**who, **form.cleaned_data)
    return _("Laid aside until that day.")
