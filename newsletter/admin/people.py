"""People in it: who is named in an issue, what they said, and how to ask."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from members.models import User
from newsletter.actions import ask_person, note_answer
from newsletter.actions.people import take_off_page
from newsletter.admin.common import title_of, try_it
from newsletter.models import NamedPerson, NewsletterIssue
from newsletter.naming import answers_of, named_in

Answer = NamedPerson.Answer


@require_http_methods(["GET", "HEAD", "POST"])
def issue_people(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    named = named_in(issue)
    if request.method == "POST":
        try_it(request, lambda: _act(request, issue, timezone.now()))
        return redirect("admin:newsletter_issue_people", issue.pk)
    answers = answers_of(issue)
    rows = []
    for one in named:
        row = answers.get(one.person)
        rows.append({"named": one, "row": row, **_standing(row, one.words)})
    context = {
        "title": _("People in newsletter %(number)s") % {"number": issue.number},
        "subtitle": title_of(issue),
        "issue": issue,
        "rows": rows,
    }
    return render(request, "newsletter/desk/issue_people.html", frame | context)


def _standing(row: NamedPerson | None, words: str) -> dict[str, Any]:
    """How it stands with one person, and what can be done about it."""
    if row is None:
        return {"state": "open", "says": _("Not asked yet"), "may_ask": True}
    if row.answer == Answer.ASKED:
        is_same = row.words == words
        says = _("Asked, no answer yet") if is_same else _("Asked with other words")
        return {"state": "open", "says": says, "may_ask": not is_same}
    if row.answer == Answer.YES and row.words != words:
        return {"state": "open", "says": _("Said yes to other words"), "may_ask": True}
    is_yes = row.answer == Answer.YES
    return {
        "state": "yes" if is_yes else "no",
        "says": row.get_answer_display(),
        "may_ask": False,
    }


def _act(request: HttpRequest, issue: NewsletterIssue, now: datetime) -> str:
    do, by = request.POST.get("do", ""), request.user
    if do == "off":
        item = request.POST.get("item", "")
        take_off_page(issue=issue, item=int(item) if item.isdecimal() else 0, by=by)
        return _("It is off the page in the archive.")
    pk = request.POST.get("person", "")
    person = get_object_or_404(User, pk=pk if pk.isdecimal() else 0)
    if do == "ask":
        ask_person(issue=issue, person=person, by=by, now=now)
        return _("Asked. The mail shows the words as they stand now.")
    if do in {"yes", "no"}:
        how = request.POST.get("how", "")
        note_answer(issue=issue, person=person, by=by, given=do == "yes", how=how, now=now)
        return _("Noted.")
    raise ActionError(_("Choose one of the buttons."))
