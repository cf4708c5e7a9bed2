from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.core.errors import ActionError
from members.access import membership_of
from members.actions import answer_request, withdraw_application
from members.actions.kept_files import drop_file, keep_file
from members.actions.memberships import local_day
from members.actions.waiting import (
    accept_ally_offer,
    may_become_ally,
    may_reopen,
    reopen_application,
)
from members.documents import document_response
from members.forms import AnswerForm
from members.models import MembershipApplication
from members.queries import greeter_for
from members.queries.appeals import about_appeal
from members.reasons import say_reasons
from outbox.forms import PROMISES
from outbox.queries import chosen_lists


def _own_application(request: HttpRequest, public_id: str) -> MembershipApplication:
    """Nobody but the applicant may know that it exists."""
    rows = MembershipApplication.objects.select_related("community", "organization", "person")
    application = get_object_or_404(rows, public_id=public_id, person=request.user)
    request.community = application.community
    return application


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def application_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _own_application(request, public_id)
    evidence = list(application.evidence.select_related("criterion").order_by("submitted_at", "pk"))
    form = None
    if application.state == MembershipApplication.State.INFO_REQUESTED:
        form = AnswerForm(
            request.POST or None, request.FILES or None,
            application=application, has_evidence=bool(evidence),
        )  # fmt: skip
    if request.method == "POST":
        if form is None:
            messages.error(request, _("This application waits for no answer now."))
            return redirect(application)
        if form.is_valid() and _send_answer(request, application, form):
            return redirect(application)
        if upload := form.new_file():
            form.keep(keep_file(person=request.user, upload=upload))
    context = {
        "application": application,
        "evidence": evidence,
        "form": form,
        **_standing(request, application),
        **about_appeal(application, local_day(application.community, timezone.now())),
    }
    return render(request, "members/application_detail.html", context)


def _standing(request: HttpRequest, application: MembershipApplication) -> dict[str, Any]:
    """What there is to know and to do in the state it has."""
    person, community = request.user, application.community
    chosen = chosen_lists(person).get(community.public_id, set())
    is_approved = application.state == MembershipApplication.State.APPROVED
    return {
        "reasons": say_reasons(application.reason_codes),
        "role": person.affiliations.filter(organization=application.organization).first(),
        "may_reopen": may_reopen(application, now=timezone.now()),
        "may_be_ally": may_become_ally(application) and membership_of(person, community) is None,
        "inquiries": application.inquiries.order_by("proposed_at", "pk")
        if application.is_open
        else (),
        "lists": [PROMISES[kind] for kind in PROMISES if kind in chosen],
        "greeter": greeter_for(community, person) if is_approved else None,
    }


def _send_answer(
    request: HttpRequest, application: MembershipApplication, form: AnswerForm
) -> bool:
    try:
        answer_request(
            application=application, person=request.user, now=timezone.now(), **form.cleaned_data
        )
    except ActionError as error:
        form.add_error(None, str(error))
        return False
    drop_file(person=request.user)
    messages.success(request, _("Thank you. A reviewer looks at your answer next."))
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def application_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _own_application(request, public_id)
    if request.method == "POST":
        try:
            withdraw_application(application=application, person=request.user, now=timezone.now())
        except ActionError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("You took your application back. You may apply again any time.")
            )
        return redirect(application)
    context = {
        "heading": _("Take your application back?"),
        "text": _("We stop looking at it. You may apply again any time."),
        "label": _("Take it back"),
        "back_url": application.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
@login_required
def application_reopen(request: HttpRequest, public_id: str) -> HttpResponse:
    """Go on with what lapsed."""
    application = _own_application(request, public_id)
    try:
        reopen_application(application=application, person=request.user, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is open again. Below is our question."))
    return redirect(application)


@require_POST
@login_required
def application_ally(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stay as an ally after a no."""
    application = _own_application(request, public_id)
    try:
        accept_ally_offer(application=application, person=request.user, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
        return redirect(application)
    messages.success(request, _("Welcome. You belong here as an ally now."))
    return redirect(application.community)


@require_safe
@login_required
def application_document(
    request: HttpRequest, public_id: str, evidence_id: str
) -> HttpResponseBase:
    """One's own paper; the reviewers open it at the desk (E7)."""
    application = _own_application(request, public_id)
    rows = application.evidence.filter(submitted_by=request.user)
    evidence = get_object_or_404(rows, public_id=evidence_id)
    return document_response(request, evidence)
