"""The review desk: one application with its evidence on one page, and three buttons."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.errors import ActionError
from members.actions import approve_application, decline_application, request_information
from members.actions.decisions import AlreadyDecided
from members.actions.memberships import local_day
from members.actions.waiting import ANSWER_WITHIN, NO_ALLY, last_appeal_day
from members.admin.base import DeskAdmin
from members.admin.decision_form import APPROVE, ASK, DECLINE, DecisionForm
from members.admin.letter_words import letter_words
from members.admin.review_next import next_in_queue
from members.admin.review_parts import open_evidence, others_waiting, review_context
from members.admin.taking import HoldForm
from members.emails import preview_application_email
from members.models import Membership, MembershipApplication
from members.queries import category_after_approval

MAIL_OF = {APPROVE: "welcome", ASK: "asked", DECLINE: "declined"}
STATE_AFTER = {
    APPROVE: MembershipApplication.State.APPROVED,
    ASK: MembershipApplication.State.INFO_REQUESTED,
    DECLINE: MembershipApplication.State.DECLINED,
}
REASONS_OF = {ASK: "info_reasons", DECLINE: "decline_reasons"}


def review_page(desk: DeskAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """GET shows it; the first POST shows the mail that will go; the second one decides."""
    rows = desk.get_queryset(request).select_related(
        "community", "person", "organization", "claimed_by", "reviewer"
    )
    application = rows.filter(pk=object_id).first() if object_id.isdigit() else None
    if application is None:
        raise Http404
    if not desk.has_view_permission(request, application):
        raise PermissionDenied
    if "fill" in request.POST:
        return _show(desk, request, application, _filled(request, application))
    form = _form(application, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if "confirmed" in request.POST or "onward" in request.POST:
            return _decide(desk, request, application, form)
        if "edit" not in request.POST:
            return _preview(desk, request, application, form)
    return _show(desk, request, application, form)


def _form(application: MembershipApplication, data: Any = None, **initial: Any) -> DecisionForm:  # noqa: ANN401
    return DecisionForm(
        data,
        initial={"seen_version": application.version} | initial,
        open_evidence=open_evidence(application),
        today=local_day(application.community, timezone.now()),
    )


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What stands in the form, to begin again with it."""
    many = set(REASONS_OF.values())
    names = [name for name in DecisionForm.base_fields if name != "seen_version"]
    sent = {name: request.POST.getlist(name) for name in names if name in request.POST}
    typed: dict[str, Any] = {name: "" for name in names if name not in many}
    return typed | {name: got if name in many else got[-1] for name, got in sent.items()}


def _filled(request: HttpRequest, application: MembershipApplication) -> DecisionForm:
    """Without JavaScript: the words for the ticked reasons, under what was typed."""
    decision = request.POST["fill"]
    typed = _typed(request)
    codes = request.POST.getlist(REASONS_OF.get(decision, ""))
    words, written = letter_words(application, decision, codes), typed["message"].strip()
    if words and words not in written:
        typed["message"] = f"{written}\n\n{words}" if written else words
    version = request.POST.get("seen_version") or application.version
    return _form(application, **typed | {"seen_version": version})


def _show(
    desk: DeskAdmin,
    request: HttpRequest,
    application: MembershipApplication,
    form: DecisionForm,
    **more: Any,  # noqa: ANN401
) -> HttpResponse:
    context = {
        "title": _("Application of %(person)s") % {"person": application.person},
        "hold_form": HoldForm(),
        "seen": request.POST.getlist("seen"),
        "next": next_in_queue(desk.get_queryset(request), application, request.user),
        **review_context(application, form, request),
        **more,
    }
    return desk.page(request, "review.html", context)


def _mail_context(application: MembershipApplication, form: DecisionForm) -> dict[str, Any]:
    data = form.cleaned_data
    context: dict[str, Any] = {"message": data["message"], "reason_codes": form.reason_codes()}
    if data["decision"] == ASK:
        application.answer_by = local_day(application.community, timezone.now()) + ANSWER_WITHIN
    if data["decision"] == DECLINE:
        application.appeal_by = last_appeal_day(application, timezone.now())
        codes = set(context["reason_codes"])
        context["may_be_ally"] = application.community.allies_allowed and not codes & NO_ALLY
    if data["decision"] == APPROVE:
        context["category"] = _category_if_approved(application, form)
    return context


def _category_if_approved(application: MembershipApplication, form: DecisionForm) -> str:
    """The preview's guess: verifying now makes the organization count, from its first day on."""
    category = category_after_approval(application, form.today)
    row = form.checked_row() if form.cleaned_data["verify_evidence"] else None
    if row is None or not row.criterion.is_active:
        return category
    start = form.cleaned_data["valid_from"] or row.valid_from
    provider = application.applying_as == MembershipApplication.ApplyingAs.PROVIDER
    walled = application.person.is_walled() or row.organization.is_regulator_or_funder
    if provider and not walled and (start is None or start <= form.today):
        return Membership.Category.MEMBER
    return category


def _preview(
    desk: DeskAdmin, request: HttpRequest, application: MembershipApplication, form: DecisionForm
) -> HttpResponse:
    decision = form.cleaned_data["decision"]
    context = _mail_context(application, form)
    labels = {
        APPROVE: (_("Approve this application?"), _("Approve and send the mail")),
        ASK: (_("Ask for more?"), _("Ask and send the mail")),
        DECLINE: (_("Decline this application?"), _("Decline and send the mail")),
    }
    title, label = labels[decision]
    category = context.get("category")
    page = {
        "title": title,
        "label": label,
        "application": application,
        "form": form,
        "danger": decision == DECLINE,
        "category": Membership.Category(category).label if category else "",
        "mail": preview_application_email(MAIL_OF[decision], application, **context),
        "answers": _answers(request),
        "next": next_in_queue(desk.get_queryset(request), application, request.user),
    }
    return desk.page(request, "review_confirm.html", page)


def _answers(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, to go along as hidden fields."""
    names = [name for name in (*DecisionForm.base_fields, "seen") if name in request.POST]
    return [(name, value) for name in names for value in request.POST.getlist(name)]


def _decide(
    desk: DeskAdmin, request: HttpRequest, application: MembershipApplication, form: DecisionForm
) -> HttpResponse:
    try:
        _act(application, form, request)
    except AlreadyDecided as error:
        if not _was_own_tap(application, form, request):
            return _show_who_was_faster(desk, request, application, str(error))
    except ActionError as error:
        application.refresh_from_db()  # what was undone stands in memory still
        form.add_error(None, str(error))
        return _show(desk, request, application, form)
    if form.cleaned_data["decision"] == APPROVE:
        _name_the_others(request, application)
    return _go_on(desk, request, application)


def _name_the_others(request: HttpRequest, application: MembershipApplication) -> None:
    """One verification decides all who wait for the organization (AM8)."""
    count = others_waiting(application) if application.organization else 0
    if count:
        url = reverse("admin:members_membershipapplication_together", args=[application.pk])
        told = ngettext(
            "%(count)s more application waits for %(organization)s.",
            "%(count)s more applications wait for %(organization)s.",
            count,
        ) % {"count": count, "organization": application.organization}
        link = _("Decide about them together")
        messages.info(request, format_html('{} <a href="{}">{}</a>', told, url, link))


def _was_own_tap(
    application: MembershipApplication, form: DecisionForm, request: HttpRequest
) -> bool:
    """A second tap on a slow line: what it asks for is done, by the first one."""
    return MembershipApplication.objects.filter(
        pk=application.pk,
        reviewer=request.user,
        state=STATE_AFTER[form.cleaned_data["decision"]],
        version=form.cleaned_data["seen_version"] + 1,
        message=form.cleaned_data["message"],
    ).exists()


def _go_on(
    desk: DeskAdmin, request: HttpRequest, application: MembershipApplication
) -> HttpResponse:
    """Say that it is done, and lead to the next one or back to the queue."""
    after = next_in_queue(desk.get_queryset(request), application, request.user)
    done = _("Done. The mail to %(person)s is on its way.") % {"person": application.person}
    if after is None:
        messages.success(request, done)
        return HttpResponseRedirect(reverse("admin:members_membershipapplication_changelist"))
    page = reverse("admin:members_membershipapplication_change", args=[after.pk])
    if "onward" in request.POST:
        messages.success(request, done + " " + _("This is the next one."))
        return HttpResponseRedirect(page)
    link = format_html('{} <a href="{}">{}</a>', done, page, _("Read the next one"))
    messages.success(request, link)
    return HttpResponseRedirect(reverse("admin:members_membershipapplication_changelist"))


def _show_who_was_faster(
    desk: DeskAdmin, request: HttpRequest, application: MembershipApplication, told: str
) -> HttpResponse:
    """It as it stands now, with what was typed: nothing of it is lost, and nothing was sent."""
    application.refresh_from_db()
    form = _form(application, **_typed(request))
    words = request.POST.get("message", "").strip()
    return _show(desk, request, application, form, faster=told, unsent=words)


def _act(application: MembershipApplication, form: DecisionForm, request: HttpRequest) -> None:
    data = form.cleaned_data
    common = {
        "application": application,
        "by": request.user,
        "seen_version": data["seen_version"],
        "message": data["message"],
        "now": timezone.now(),
    }
    if data["decision"] == APPROVE:
        approve_application(**common, **form.check())
    elif data["decision"] == ASK:
        request_information(**common, reason_codes=form.reason_codes())
    else:
        decline_application(**common, reason_codes=form.reason_codes())
