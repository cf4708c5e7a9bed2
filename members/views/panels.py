"""The pages of those who sit on the panel of an appeal; they need no desk. 404 to all others."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cop.core.errors import ActionError
from members.actions.appeal_decisions import decide_appeal
from members.actions.appeal_findings import Finding
from members.actions.memberships import local_day
from members.actions.panels import cast_vote, unseat_person
from members.documents import document_response
from members.forms.appeals import VerdictForm, VoteForm
from members.models import Appeal, AppealFile, AppealSeat, Evidence
from members.queries.appeals import appeals_of_panelist, tally
from members.reasons import say_reasons

State = Appeal.State


@require_safe
@login_required
def my_appeals(request: HttpRequest) -> HttpResponse:
    """The panels one sits on: what is open first."""
    rows = list(appeals_of_panelist(request.user).order_by("due_on", "pk")[:50])
    if not rows:
        raise Http404
    today = timezone.now()
    for row in rows:
        row.is_late = row.due_on < local_day(row.application.community, today)
    context = {
        "waiting": [row for row in rows if row.state == State.OPEN],
        "over": [row for row in rows if row.state != State.OPEN],
    }
    return render(request, "members/appeal_list.html", context)


def _mine(request: HttpRequest, public_id: str) -> Appeal:
    row = get_object_or_404(appeals_of_panelist(request.user), public_id=public_id)
    request.community = row.application.community
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def panel_appeal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Read it, vote; once all have voted, one of the panel writes the decision down."""
    appeal = _mine(request, public_id)
    if appeal.state != State.OPEN:
        return render(request, "members/appeal_over.html", {"appeal": appeal})
    outcome = tally(appeal)
    seat = appeal.seats.get(person=request.user)
    form = _form(request, appeal, seat, outcome)
    if request.method == "POST" and form.is_valid():
        try:
            told = _act(request, appeal, form)
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, told)
            return redirect("panel_appeal", appeal.public_id)
    context = _about(appeal) | {"form": form, "seat": seat}
    if outcome:
        context["outcome"] = State(outcome).label
    return render(request, "members/appeal_panel.html", context)


def _form(
    request: HttpRequest, appeal: Appeal, seat: AppealSeat, outcome: str
) -> VoteForm | VerdictForm:
    data = request.POST if request.method == "POST" else None
    if outcome:
        upheld = outcome == State.UPHELD
        return VerdictForm(data, application=appeal.application, is_upheld=upheld)
    return VoteForm(data, initial={"vote": seat.vote, "note": seat.note})


def _act(request: HttpRequest, appeal: Appeal, form: VoteForm | VerdictForm) -> str:
    now, by = timezone.now(), request.user
    if isinstance(form, VoteForm):
        cast_vote(appeal=appeal, person=by, now=now, **form.cleaned_data)
        return _("Your vote is kept. You may change it until everybody has voted.")
    finding = form.finding()
    decide_appeal(
        appeal=appeal,
        by=by,
        now=now,
        reasons=form.cleaned_data["reasons"],
        effective_on=form.cleaned_data.get("effective_on"),
        finding=Finding(**finding) if finding else None,
    )
    return _("The decision is written, and the applicant is told.")


def _about(appeal: Appeal) -> dict[str, Any]:
    """The letter, the papers, the decline. Not: notes among reviewers, nor who did what (AP2)."""
    application = appeal.application
    seats = list(appeal.seats.select_related("person").order_by("seated_at", "pk"))
    evidence = application.evidence.select_related("criterion").order_by("submitted_at", "pk")
    return {
        "appeal": appeal,
        "application": application,
        "reasons": say_reasons(application.reason_codes),
        "questions": list(application.requests.order_by("asked_at", "pk")),
        "evidence": list(evidence),
        "files": list(appeal.files.order_by("pk")),
        "seats": seats,
        "is_late": appeal.due_on < local_day(application.community, timezone.now()),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def panel_leave(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give one's seat back: too close to it, or no time. No reason asked."""
    appeal = _mine(request, public_id)
    back_url = reverse("panel_appeal", args=[appeal.public_id])
    if request.method == "POST":
        person = request.user
        try:
            unseat_person(appeal=appeal, person=person, by=person, now=timezone.now())
        except ActionError as error:
            messages.error(request, str(error))
            return redirect(back_url)
        messages.success(request, _("Thank you. The coordinator asks somebody else."))
        return redirect("me_home")
    context = {
        "heading": _("Give your seat back?"),
        "text": _("The coordinator asks somebody else. You need give no reason."),
        "label": _("Give it back"),
        "back_url": back_url,
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


def _open_one(request: HttpRequest, public_id: str) -> Appeal:
    """The papers are for the panel while it reads, and no longer."""
    appeal = _mine(request, public_id)
    if appeal.state != State.OPEN:
        raise Http404
    return appeal


@require_safe
@login_required
def panel_document(request: HttpRequest, public_id: str, evidence_id: str) -> HttpResponseBase:
    """A paper of the application; each opening leaves a line (E7)."""
    appeal = _open_one(request, public_id)
    rows = Evidence.objects.filter(application=appeal.application)
    evidence = get_object_or_404(rows.select_related("criterion__community"), public_id=evidence_id)
    return document_response(request, evidence)


@require_safe
@login_required
def panel_file(request: HttpRequest, public_id: str, file_id: str) -> HttpResponseBase:
    """A paper of the appeal; each opening leaves a line (E7)."""
    appeal = _open_one(request, public_id)
    rows = AppealFile.objects.filter(appeal=appeal).select_related("appeal__application__community")
    file = get_object_or_404(rows, public_id=file_id)
    return document_response(request, file)
