"""People in it: the page beside the form of a resource, and the question to all of them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.errors import ActionError
from library.actions import (
    CreditRefused,
    add_credit,
    ask_everybody,
    change_credit,
    note_consent,
    remove_credit,
    withdraw_consent,
)
from library.admin_frame import desk_page
from library.credit_forms import AskForm, CreditForm, NoteForm
from library.models import Resource, ResourceCredit, Visibility
from library.queries.credits import SAID_NO, can_be_asked, is_agreed

Forms = dict[str, object]


def credits_view(admin: Any, request: HttpRequest, resource: Resource) -> HttpResponse:  # noqa: ANN401
    forms: Forms = {}
    if request.method == "POST":
        act = DO.get(request.POST.get("do", ""))
        try:
            done = act(request, resource, forms) if act else ""
        except ActionError as error:
            messages.error(request, str(error))
        else:
            if done:
                messages.success(request, done)
        if not forms:
            return redirect(request.path)
    rows = list(resource.credits.select_related("person").order_by("part", "pk"))
    context = {
        "title": _("People in it"),
        "resource": resource,
        "rows": [(row, _what(row, resource)) for row in rows],
        "missing": sum(_is_missing(row, resource) for row in rows),
        "credit_form": forms.get("credit") or CreditForm(resource=resource),
        "ask_form": AskForm(resource=resource),
        "ask_url": reverse("admin:library_resource_ask", args=[resource.pk]),
        "may_ask": any(row.person_id and row.consent not in SAID_NO for row in rows),
        "back_url": reverse("admin:library_resource_change", args=[resource.pk]),
    }
    return desk_page(admin, request, "resource_people.html", context)


def ask_view(admin: Any, request: HttpRequest, resource: Resource) -> HttpResponse:  # noqa: ANN401
    """Once more before mails leave: who gets one, and who does not and why."""
    form = AskForm(request.POST if request.method == "POST" else request.GET, resource=resource)
    wanted = form.cleaned_data["visibility"] if form.is_valid() else resource.visibility
    people_url = reverse("admin:library_resource_people", args=[resource.pk])
    if request.method == "POST" and form.is_valid():
        try:
            asked = ask_everybody(
                resource=resource, by=request.user, now=timezone.now(), visibility=wanted
            )
        except ActionError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _say_asked(len(asked)))
        return redirect(people_url)
    rows = list(resource.credits.select_related("person").order_by("part", "pk"))
    context = {
        "title": _("Ask them?"),
        "resource": resource,
        "wanted": wanted,
        "audience": Visibility(wanted).label,
        "asked": [row for row in rows if can_be_asked(row, wanted)],
        "not_asked": [
            row for row in rows if not can_be_asked(row, wanted) and not is_agreed(row, wanted)
        ],
        "people_url": people_url,
    }
    return desk_page(admin, request, "resource_ask.html", context)


def _say_asked(number: int) -> str:
    if not number:
        return _("Nobody is left to ask by mail.")
    return ngettext(
        "%(number)s person is asked by mail. Their answer stands here.",
        "%(number)s people are asked by mail. Their answers stand here.",
        number,
    ) % {"number": number}


def _is_missing(row: ResourceCredit, resource: Resource) -> bool:
    return row.part in ResourceCredit.RECOGNIZABLE and not is_agreed(row, resource.visibility)


def _what(row: ResourceCredit, resource: Resource) -> dict[str, object]:
    """How it stands with one of them, and what can be done."""
    is_given = row.consent == ResourceCredit.Consent.GIVEN
    is_reachable = row.person is not None and row.person.is_active
    return {
        "given_for": Visibility(row.consent_visibility).label if is_given else "",
        "is_too_narrow": is_given and not is_agreed(row, resource.visibility),
        "takes_note": not is_reachable and not is_agreed(row, resource.visibility),
        "takes_back": row.consent not in SAID_NO,
        "may_name": not (is_given and row.person_id) or row.is_named,
    }


def _row(request: HttpRequest, resource: Resource) -> ResourceCredit:
    row = resource.credits.filter(public_id=request.POST.get("credit", "")).first()
    if row is None:
        raise CreditRefused(_("This was changed meanwhile. Here is how it stands now."))
    return row


def _add(request: HttpRequest, resource: Resource, forms: Forms) -> str:
    form = CreditForm(request.POST, resource=resource)
    if not form.is_valid():
        forms["credit"] = form
        return ""
    add_credit(resource=resource, by=request.user, now=timezone.now(), **form.cleaned_data)
    return _("They stand in the list now. Ask them when you are ready.")


def _name(request: HttpRequest, resource: Resource, forms: Forms) -> str:
    """What is asked for stands in the button, so that a double click changes nothing back."""
    is_named = request.POST.get("do") == "named"
    change_credit(credit=_row(request, resource), by=request.user, is_named=is_named)
    if is_named:
        return _("The name will stand beside it once they agree.")
    return _("The name stands nowhere now.")


def _note(request: HttpRequest, resource: Resource, forms: Forms) -> str:
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    note_consent(credit=_row(request, resource), by=request.user, note=note, now=timezone.now())
    return _("Their yes is noted.")


def _back(request: HttpRequest, resource: Resource, forms: Forms) -> str:
    withdraw_consent(credit=_row(request, resource), by=request.user, now=timezone.now())
    return _("Their no is noted, and nothing with them in it is shown any more.")


def _remove(request: HttpRequest, resource: Resource, forms: Forms) -> str:
    remove_credit(credit=_row(request, resource), by=request.user)
    return _("They are off the list.")


DO: dict[str, Callable[[HttpRequest, Resource, Forms], str]] = {
    "add": _add, "named": _name, "unnamed": _name, "note": _note, "back": _back,
    "remove": _remove,
}  # fmt: skip
