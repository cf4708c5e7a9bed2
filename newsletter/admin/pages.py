"""The pages of one issue at the desk. Each loads, makes one call, and answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cop.core.errors import ActionError
from newsletter.actions import (
    approve_issue,
    hold_issue,
    make_draft,
    resume_issue,
    send_test,
    update_issue,
)
from newsletter.admin.approval import approval_for
from newsletter.admin.progress import issue_on_its_way
from newsletter.forms import IssueForm, ItemFormSet, forms_for, item_texts
from newsletter.models import IssueItem, NewsletterIssue
from newsletter.queries import sources_of

CHANGE = "admin:newsletter_newsletterissue_change"
# What may follow saving, from the buttons of the same form: nothing typed is ever lost.
THEN = {"draft", "test", "approve", "hold"}


@require_http_methods(["GET", "HEAD", "POST"])
def issue_edit(request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]) -> HttpResponse:
    if not issue.is_editable:
        if request.method == "POST":
            # Somebody sent it from another window. What was typed here is one step back.
            messages.error(
                request,
                _(
                    "Not saved: this issue is on its way. Go back in your browser to copy your "
                    "text."
                ),
            )
        return issue_on_its_way(request, issue, frame)
    items = list(issue.items.order_by("position", "pk"))
    form, formset = forms_for(issue, items)
    if request.method == "POST":
        form, formset = IssueForm(request.POST), ItemFormSet(request.POST, prefix="items")
        if form.is_valid() and formset.is_valid() and _save(request, issue, form, formset):
            return _then(request, issue)
    context = {
        "title": _title(issue),
        "issue": issue,
        "form": form,
        "formset": formset,
        "rows": _rows(items, formset),
        "main": _main_button(issue, len(items)),
        **approval_for(issue, request.user),
    }
    return render(request, "newsletter/desk/issue_edit.html", frame | context)


def _title(issue: NewsletterIssue) -> str:
    words = {"number": issue.number, "community": issue.community.short_name}
    return _("Newsletter %(number)s · %(community)s") % words


def _main_button(issue: NewsletterIssue, item_count: int) -> str:
    """What comes next for this issue: the one button that stands out."""
    if issue.state == NewsletterIssue.State.APPROVED:
        return "send"
    return "save" if item_count else "draft"


def _rows(items: list[IssueItem], formset: Any) -> list[tuple[IssueItem | None, Any, bool]]:  # noqa: ANN401
    """Item, its form, and whether what it tells about is gone. The last one is for a new text."""
    sources, known = sources_of(items), {str(item.pk): item for item in items}
    rows = []
    for form in formset:
        item = known.get(str(form["pk"].value()))
        is_gone = bool(item and item.source and item.source not in sources)
        rows.append((item, form, is_gone))
    return rows


def _save(request: HttpRequest, issue: NewsletterIssue, form: IssueForm, formset: Any) -> bool:  # noqa: ANN401
    values = form.cleaned_data
    try:
        changed = update_issue(
            issue=issue,
            subject=values["subject"],
            intro=values["intro"],
            version=values["version"],
            items=item_texts(formset),
            by=request.user,
        )
    except ActionError as error:
        messages.error(request, str(error))
        return False
    # What the person has seen now, so that a step that follows means this very text.
    issue.version, issue.subject = values["version"] + changed, values["subject"]
    if changed:
        messages.success(request, _("Saved."))
    return True


def _then(request: HttpRequest, issue: NewsletterIssue) -> HttpResponse:
    then, by, now = request.POST.get("then", ""), request.user, timezone.now()
    if then in THEN:
        _try(request, lambda: _follow(then, issue, by, now))
    if then in {"send", "preview"}:
        return redirect(f"admin:newsletter_issue_{then}", pk=issue.pk)
    return redirect(CHANGE, issue.pk)


def _follow(then: str, issue: NewsletterIssue, by: Any, now: datetime) -> str:  # noqa: ANN401
    """The step after saving. Returns what to tell."""
    if then == "draft":
        new = make_draft(issue=issue, by=by, now=now)
        return (
            ngettext("%(n)d new item.", "%(n)d new items.", new) % {"n": new}
            if new
            else _("Nothing new has happened since.")
        )
    if then == "test":
        if not issue.subject.strip():
            raise ActionError(_("The issue has no subject yet. Write one, then send the test."))
        send_test(issue=issue, by=by, now=now)
        return _("The test is on its way to you, once in each language.")
    if then == "hold":
        hold_issue(issue=issue, by=by)
        return _("This issue is held. The next one takes its items along.")
    approve_issue(issue=issue, by=by, version=issue.version)
    return _("Approved. Any change from now on needs a new approval.")


def _try(request: HttpRequest, act: Callable[[], str | None]) -> bool:
    """Do it and tell what happened, or what stood in the way."""
    try:
        told = act()
    except ActionError as error:
        messages.error(request, str(error))
        return False
    if told:
        messages.success(request, told)
    return True


@require_POST
def issue_resume(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    def act() -> str:
        resume_issue(issue=issue, by=request.user)
        return _("This issue is a draft again.")

    _try(request, act)
    return redirect(CHANGE, issue.pk)
