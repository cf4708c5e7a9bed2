"""The applicant's side of an appeal. Nobody but the applicant may know that these pages exist."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cop.core.errors import ActionError
from members.actions.appeals import DECIDE_DAYS, add_appeal_file, open_appeal, withdraw_appeal
from members.actions.memberships import local_day
from members.calendar import add_business_days
from members.documents import document_response
from members.emails.appeals import begins_later
from members.forms.appeals import AppealForm, PaperForm
from members.models import Appeal, AppealFile, MembershipApplication
from members.queries.appeals import last_day_to_appeal, may_appeal


def _own_application(request: HttpRequest, public_id: str) -> MembershipApplication:
    rows = MembershipApplication.objects.select_related("community", "organization", "person")
    application = get_object_or_404(rows, public_id=public_id, person=request.user)
    request.community = application.community
    return application


def _latest(application: MembershipApplication) -> Appeal | None:
    rows = application.appeals.select_related("application__community", "competitor")
    return rows.order_by("-opened_at", "-pk").first()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def appeal(request: HttpRequest, public_id: str) -> HttpResponse:
    """How the appeal stands; before there is one, the form; after the last day, what else helps."""
    application = _own_application(request, public_id)
    found = _latest(application)
    today = local_day(application.community, timezone.now())
    if found is not None and found.state == Appeal.State.OPEN:
        return _open_page(request, found)
    if may_appeal(application, today):
        return _form_page(request, application)
    if found is None and application.state != MembershipApplication.State.DECLINED:
        raise Http404
    if request.method == "POST":
        messages.error(request, _("The time for this is over. You may apply again any time."))
        return redirect("members:appeal", application.public_id)
    if found is not None and found.state == Appeal.State.WITHDRAWN:
        found = None
    context = {
        "application": application,
        "appeal": found,
        "begins_later": found is not None and begins_later(found),
        "last_day": last_day_to_appeal(application),
        "files": _files(found),
    }
    return render(request, "members/appeal_state.html", context)


def _files(found: Appeal | None) -> list[AppealFile]:
    return list(found.files.order_by("pk")) if found is not None else []


def _open_page(request: HttpRequest, found: Appeal) -> HttpResponse:
    form = PaperForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            for document in form.cleaned_data["documents"]:
                add_appeal_file(
                    appeal=found, person=request.user, document=document, now=timezone.now()
                )
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The panel has it now."))
            return redirect("members:appeal", found.application.public_id)
    context = {
        "application": found.application,
        "appeal": found,
        "form": form,
        "files": _files(found),
    }
    return render(request, "members/appeal_state.html", context)


def _form_page(request: HttpRequest, application: MembershipApplication) -> HttpResponse:
    now = timezone.now()
    form = AppealForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            open_appeal(application=application, person=request.user, now=now, **form.cleaned_data)
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("We have it. Other people look at it again."))
            return redirect("members:appeal", application.public_id)
    context = {
        "application": application,
        "form": form,
        "last_day": last_day_to_appeal(application),
        "due_on": add_business_days(local_day(application.community, now), DECIDE_DAYS),
    }
    return render(request, "members/appeal_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def appeal_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _own_application(request, public_id)
    found = _latest(application)
    if found is None:
        raise Http404
    back_url = reverse("members:appeal", args=[application.public_id])
    if request.method == "POST":
        try:
            withdraw_appeal(appeal=found, person=request.user, now=timezone.now())
        except ActionError as error:
            messages.error(request, str(error))
            return redirect(back_url)
        messages.success(request, _("You took it back. The decision stands as it was."))
        return redirect(application)
    context = {
        "heading": _("Take your request back?"),
        "text": _("Nobody looks at it again. The decision stands as it was."),
        "label": _("Take it back"),
        "back_url": back_url,
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_safe
@login_required
def appeal_file(request: HttpRequest, public_id: str, file_id: str) -> HttpResponseBase:
    """One's own paper."""
    application = _own_application(request, public_id)
    rows = AppealFile.objects.filter(appeal__application=application)
    return document_response(request, get_object_or_404(rows, public_id=file_id))
