"""Asking the office that issued a paper, at the desk: the applicant says yes before it goes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cop.core.errors import ActionError
from cop.core.mail import one_line
from members.actions.inquiries import note_inquiry_answer, propose_inquiry
from members.admin.base import DeskAdmin
from members.admin.review_parts import open_evidence, refusal_of
from members.emails.inquiries import issuer_email, language_of, proposed_email
from members.models import IssuerInquiry, MembershipApplication

WIDE = {"class": "vTextField"}


class InquiryForm(forms.Form):
    """Which office, and the one question. Both the applicant and the office read it as written."""

    issuer = forms.CharField(
        label=gettext_lazy("The office"),
        max_length=160,
        widget=forms.TextInput(attrs={"list": "issuers", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Its e-mail address"),
        help_text=gettext_lazy("From the office’s own web page, not from the paper."),
    )
    question = forms.CharField(
        label=gettext_lazy("Your question"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "The applicant reads it first, then the office. Ask about the paper alone: nothing "
            "that others said, and nothing about clients."
        ),
    )

    def clean_issuer(self) -> str:
        return one_line(self.cleaned_data["issuer"])


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("What the office answered"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def ask_office_page(desk: DeskAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks; the first POST shows both mails; the second one writes to the applicant."""
    application = _application(desk, request, pk)
    back = reverse("admin:members_membershipapplication_change", args=[pk])
    refusal = refusal_of(application, request)
    if refusal or not application.is_open:
        messages.warning(request, refusal or _("This application is closed already."))
        return HttpResponseRedirect(back)
    form = InquiryForm(request.POST or None, initial=_initial(application))
    if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
        if "confirmed" not in request.POST:
            return _preview(desk, request, application, form, back)
        if _proposed(request, application, form):
            return HttpResponseRedirect(back + "#inquiries")
    context = {
        "title": _("Ask an office about the paper of %(person)s") % {"person": application.person},
        "form": form,
        "issuers": _issuers(application),
        "back_url": back,
    }
    return desk.page(request, "inquiry.html", context)


@require_POST
def note_answer(request: HttpRequest, desk: DeskAdmin, pk: int, public_id: str) -> HttpResponse:
    """Write down what the office answered, for the file."""
    application = _application(desk, request, pk)
    inquiry = application.inquiries.filter(public_id=public_id).first()
    if inquiry is None:
        raise Http404
    form = AnswerForm(request.POST)
    answer = form.cleaned_data["answer"] if form.is_valid() else ""
    try:
        note_inquiry_answer(inquiry=inquiry, answer=answer, by=request.user, now=timezone.now())
    except ActionError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Noted: what the office answered."))
    page = reverse("admin:members_membershipapplication_change", args=[pk])
    return HttpResponseRedirect(page + "#inquiries")


def _application(desk: DeskAdmin, request: HttpRequest, pk: int) -> MembershipApplication:
    rows = desk.get_queryset(request).select_related("community", "person", "organization")
    application = rows.filter(pk=pk).first()
    if application is None or application.organization is None:
        raise Http404
    if not desk.has_view_permission(request, application):
        raise PermissionDenied
    return application


def _initial(application: MembershipApplication) -> dict[str, str]:
    """A question to begin with, in the language in which the office is written to."""
    row = next(iter(open_evidence(application)), None)
    facts = {"organization": one_line(application.organization.name)}
    with translation.override(language_of(application.community)):
        if row is not None and row.reference:
            facts["reference"] = one_line(row.reference)
            asks = _(
                "Does what you issued to %(organization)s (“%(reference)s”) hold today, and until "
                "when?"
            )
        else:
            asks = _(
                "Does %(organization)s hold a licence, a registration or funding of yours today, "
                "and until when?"
            )
        return {"issuer": row.issuer if row else "", "question": asks % facts}


def _issuers(application: MembershipApplication) -> list[str]:
    lists = application.community.criteria.filter(is_active=True).order_by("position", "pk")
    names = [name for issuers in lists.values_list("issuers", flat=True) for name in issuers]
    return list(dict.fromkeys(names))


def _preview(
    desk: DeskAdmin,
    request: HttpRequest,
    application: MembershipApplication,
    form: InquiryForm,
    back: str,
) -> HttpResponse:
    inquiry = IssuerInquiry(application=application, **form.cleaned_data)
    answers: list[tuple[str, Any]] = [(name, request.POST[name]) for name in form.fields]
    context = {
        "title": _("Ask the applicant for a yes?"),
        "application": application,
        "inquiry": inquiry,
        "first": proposed_email(inquiry),
        "second": issuer_email(inquiry),
        "answers": answers,
        "back_url": back,
    }
    return desk.page(request, "inquiry_confirm.html", context)


def _proposed(request: HttpRequest, application: MembershipApplication, form: InquiryForm) -> bool:
    try:
        propose_inquiry(
            application=application, by=request.user, now=timezone.now(), **form.cleaned_data
        )
    except ActionError as error:
        if not _was_own_tap(request, application, form):
            form.add_error(None, str(error))
            return False
    told = _("%(person)s was asked. Nothing goes to the office before the yes.")
    messages.success(request, told % {"person": application.person})
    return True


def _was_own_tap(
    request: HttpRequest, application: MembershipApplication, form: InquiryForm
) -> bool:
    """A second tap on a slow line: the first one has asked this very question."""
    asked = application.inquiries.filter(
        state=IssuerInquiry.State.PROPOSED, proposed_by=request.user
    )
    facts = form.cleaned_data
    return asked.filter(email=facts["email"], question=facts["question"].strip()).exists()
