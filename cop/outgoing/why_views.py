"""“Why did this person not get it?”: a search, and an answer for each mail."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from cop.outgoing.absent import absent_answers, issues_for, meetings_for
from cop.outgoing.answers import SHOWN, answer_for, deliveries_to, matching
from cop.outgoing.forms import AboutForm, SearchForm
from cop.outgoing.people import (
    Subject,
    people_of,
    record_look,
    search_people,
    subject_at,
    subject_of,
)
from cop.outgoing.scope import Desk, desk_or_404
from cop.outgoing.standing import read_standing, read_warnings
from cop.outgoing.views import frame
from outbox.models import Subscription


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest) -> HttpResponse:
    """The search goes by POST: no name and no address stands in an address or a log."""
    desk = desk_or_404(request)
    form = SearchForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"title": _("Why did somebody not get it?"), "form": form}
    if form.is_bound and form.is_valid():
        found = search_people(desk, form.cleaned_data["who"])
        if found.count == 1 and found.people:
            return redirect("outgoing_why_person", found.people[0].public_id)
        context |= {"found": found}
    return render(request, "cop/outgoing/why.html", frame(request, "why") | context)


@require_GET
def why_person(request: HttpRequest, public_id: str) -> HttpResponse:
    desk = desk_or_404(request)
    person = get_object_or_404(people_of(desk), public_id=public_id)
    return _answers(request, desk, subject_of(person, desk), person)


@require_GET
def why_address(request: HttpRequest, pk: int) -> HttpResponse:
    desk = desk_or_404(request)
    rows = Subscription.objects.filter(mailing_list__scope__in=desk.scopes, person=None)
    row = get_object_or_404(rows, pk=pk)
    return _answers(request, desk, subject_at(row, desk), row)


def _answers(request: HttpRequest, desk: Desk, subject: Subject, row: Any) -> HttpResponse:  # noqa: ANN401
    now, form = timezone.now(), AboutForm(request.GET or None)
    words = form.cleaned_data["about"].strip() if form.is_bound and form.is_valid() else ""
    record_look(subject, row, by=request.user)
    meetings = meetings_for(subject, words, now=now)
    issues = issues_for(subject, words, now=now)
    facts = [one.public_id for one in (*meetings, *issues)]
    rows = deliveries_to(subject, sees_security=request.user.is_superuser)
    sent = list(matching(rows, words, facts)[: SHOWN + 1])
    answers = [answer_for(one, subject.zone, now=now) for one in sent[:SHOWN]]
    answers += absent_answers(subject, meetings, issues, now=now)
    context = {
        "title": subject.name,
        "subject": subject,
        "form": form if form.is_bound else AboutForm(),
        "words": words,
        "answers": sorted(answers, key=lambda one: one.at, reverse=True),
        "has_more": len(sent) > SHOWN,
        "standing": read_standing(subject, now=now),
        "warnings": read_warnings(subject, now=now),
    }
    return render(request, "cop/outgoing/why_answers.html", frame(request, "why") | context)
