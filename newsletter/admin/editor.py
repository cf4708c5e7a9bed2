"""Where an issue is written: the page, what saves itself, and what follows saving."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cop.core.errors import ActionError
from newsletter.actions import (
    Saved,
    approve_issue,
    hold_issue,
    make_draft,
    resume_issue,
    send_test,
    update_issue,
)
from newsletter.actions.versions import text_of
from newsletter.admin.approval import approval_for
from newsletter.admin.common import CHANGE, title_of, try_it
from newsletter.admin.progress import issue_on_its_way
from newsletter.forms import IssueForm, bound_forms, forms_for, written_text
from newsletter.items import HEAD, IssueText
from newsletter.models import IssueItem, IssueVersion, NewsletterIssue
from newsletter.queries import sources_of
from newsletter.rules import MAX_ITEMS

# What may follow saving, from the buttons of the same form: nothing typed is ever lost.
THEN = {"draft", "test", "approve", "hold", "skip"}
PAGES = {"send", "preview", "checks", "people"}
# On the page of a two-language community these stand beside each other.
SIDES = (("title", "title_fr"), ("text", "text_fr"))


@require_http_methods(["GET", "HEAD", "POST"])
def issue_edit(request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]) -> HttpResponse:
    if not issue.is_editable:
        return _too_late(request, issue, frame)
    items = _items(issue)
    form, formset = forms_for(issue, items)
    conflicts: Any = ()
    if request.method == "POST":
        form, formset = bound_forms(issue, request.POST)
        if form.is_valid() and formset.is_valid():
            saved = _save(request, issue, form, formset)
            if saved is not None and not saved.conflicts:
                return _then(request, issue)
            if saved is not None:
                # What others wrote is on the page; what was typed here stands above it.
                conflicts, items = saved.conflicts, _items(issue)
                form, formset = forms_for(issue, items)
    context = {
        "title": title_of(issue),
        "issue": issue,
        "form": form,
        "formset": formset,
        "rows": _rows(items, formset),
        "conflicts": conflicts,
        "has_french": "fr" in (issue.community.languages or []),
        "is_too_long": issue.items.count() > MAX_ITEMS,
        "most": MAX_ITEMS,
        "main": _main_button(issue, len(items)),
        **approval_for(issue, request.user),
    }
    return render(request, "newsletter/desk/issue_edit.html", frame | context)


def _too_late(request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]) -> HttpResponse:
    if request.method == "POST":
        # Somebody sent it from another window. What was typed here is one step back.
        messages.error(
            request,
            _("Not saved: this issue is on its way. Go back in your browser to copy your text."),
        )
    return issue_on_its_way(request, issue, frame)


def _items(issue: NewsletterIssue) -> list[IssueItem]:
    rows = issue.items.select_related("picture", "person").defer("picture__content")
    return list(rows.order_by("position", "pk")[:MAX_ITEMS])


def _main_button(issue: NewsletterIssue, item_count: int) -> str:
    """What comes next for this issue: the one button that stands out."""
    if issue.state in {NewsletterIssue.State.APPROVED, NewsletterIssue.State.SCHEDULED}:
        return "send"
    if not item_count:
        return "draft"
    return "checks"


def _rows(items: list[IssueItem], formset: Any) -> list[tuple[IssueItem | None, Any, bool]]:  # noqa: ANN401
    """Item, its form, and whether what it tells about is gone. The last one is for a new text."""
    sources, known = sources_of(items), {str(item.pk): item for item in items}
    rows = []
    for form in formset:
        item = known.get(str(form["pk"].value()))
        is_gone = bool(item and item.source and item.source not in sources)
        rows.append((item, form, is_gone))
    return rows


def _save(
    request: HttpRequest,
    issue: NewsletterIssue,
    form: IssueForm,
    formset: Any,  # noqa: ANN401
) -> Saved | None:
    """None where it was refused; the reason is told."""
    try:
        saved = update_issue(
            issue=issue,
            text=written_text(form, formset, text_of(issue)),
            version=form.cleaned_data["version"],
            by=request.user,
            now=timezone.now(),
        )
    except ActionError as error:
        messages.error(request, str(error))
        return None
    if saved.changed:
        messages.success(request, _("Saved."))
    _refresh(issue, saved)
    return saved


def _refresh(issue: NewsletterIssue, saved: Saved) -> None:
    """What the person has seen now, so that a step that follows means this very text."""
    community = issue.community
    issue.refresh_from_db()
    issue.community, issue.version = community, saved.version


def _then(request: HttpRequest, issue: NewsletterIssue) -> HttpResponse:
    then, by, now = request.POST.get("then", ""), request.user, timezone.now()
    if then in THEN:
        try_it(request, lambda: _follow(then, issue, by, now))
    if then in PAGES:
        return redirect(f"admin:newsletter_issue_{then}", pk=issue.pk)
    name, _sign, item = then.partition(":")
    if name == "picture" and item.isdecimal():
        return redirect("admin:newsletter_issue_picture", pk=issue.pk, item=int(item))
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
        if not (issue.subject or issue.subject_fr).strip():
            raise ActionError(_("The issue has no subject yet. Write one, then send the test."))
        send_test(issue=issue, by=by, now=now)
        return _("The test is on its way to you, once in each language.")
    if then == "hold":
        hold_issue(issue=issue, by=by)
        return _("This issue is held. The next one takes its items along.")
    if then == "skip":
        hold_issue(issue=issue, by=by, carries_over=False)
        return _("This issue is skipped. What is in it will not be told again.")
    approve_issue(issue=issue, by=by, version=issue.version, now=now)
    return _("Approved. Any change from now on needs a new approval.")


@require_POST
def issue_autosave(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    """What was typed saves itself. The answer says what the page has to know to go on."""
    form, formset = bound_forms(issue, request.POST)
    if not (form.is_valid() and formset.is_valid()):
        return JsonResponse({"saved": False, "message": _("Some fields need another look.")})
    mine = written_text(form, formset, text_of(issue))
    try:
        saved = update_issue(
            issue=issue,
            text=mine,
            version=form.cleaned_data["version"],
            by=request.user,
            now=timezone.now(),
            how=IssueVersion.How.AUTOSAVED,
        )
    except ActionError as error:
        return JsonResponse({"saved": False, "message": str(error)})
    _refresh(issue, saved)
    present = text_of(issue)
    return JsonResponse({
        "saved": True,
        "version": saved.version,
        "pks": _new_keys(formset, mine, present),
        "fresh": _fresh(formset, mine, present),
        "conflicts": [
            {"place": one.place, "mine": one.mine, "theirs": one.theirs}
            for one in saved.conflicts
        ],
    })  # fmt: skip


def _new_keys(formset: Any, mine: IssueText, present: IssueText) -> dict[str, int]:  # noqa: ANN401
    """Of rows that were new: the field of the key -> the key they have now."""
    before = {item.pk for item in mine.items}
    new = [item for item in present.items if item.pk not in before]
    found: dict[str, int] = {}
    for row in formset:
        values = row.cleaned_data
        if values.get("pk") or not (values.get("title") or values.get("title_fr")):
            continue
        same = (
            item
            for item in new
            if (item.title, item.text) == (values["title"], values["text"])
            and item.pk not in found.values()
        )
        if (item := next(same, None)) and item.pk:
            found[row.add_prefix("pk")] = item.pk
    return found


def _fresh(formset: Any, mine: IssueText, present: IssueText) -> dict[str, str]:  # noqa: ANN401
    """Fields that somebody else changed meanwhile: name -> what stands there now."""
    found = {
        name: getattr(present, name)
        for name in HEAD
        if getattr(mine, name) != getattr(present, name)
    }
    typed = {item.pk: item for item in mine.items}
    saved = {item.pk: item for item in present.items}
    for row in formset:
        pk = row.cleaned_data.get("pk")
        if pk not in saved or pk not in typed:
            continue
        for names in SIDES:
            for name in names:
                if getattr(typed[pk], name) != getattr(saved[pk], name):
                    found[row.add_prefix(name)] = getattr(saved[pk], name)
    return found


@require_POST
def issue_resume(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    def act() -> str:
        resume_issue(issue=issue, by=request.user)
        return _("This issue is a draft again.")

    try_it(request, act)
    return redirect(CHANGE, issue.pk)
