"""All our e-mails, for staff to proof-read: with invented people, in both languages."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from cop.core.samples import Sample
from cop.proofs.access import may_proof_read
from cop.proofs.catalogue import GROUPS, SAMPLES
from cop.proofs.sending import build_sample, send_sample

LOOKS = {
    "phone": gettext_lazy("Phone"),
    "desktop": gettext_lazy("Desktop"),
    "text": gettext_lazy("Text only"),
}
# The mail is a document of its own: no script, no form, no link that leads anywhere.
MAIL_POLICY = (
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@require_safe
def proof_list(request: HttpRequest) -> HttpResponse:
    _staff_or_404(request)
    context = {"title": _("All our e-mails"), "groups": GROUPS, "count": len(SAMPLES)}
    return render(request, "cop/proofs/proof_list.html", _frame(request) | context)


@require_safe
def proof_detail(request: HttpRequest, name: str) -> HttpResponse:
    sample = _sample_or_404(request, name)
    language, look = _language(request.GET), request.GET.get("look", "")
    look = look if look in LOOKS else "phone"
    email = build_sample(sample, language, now=timezone.now())
    chosen = {"language": language, "look": look}
    size = sum(len(part.encode()) for part in (email.html, email.text, email.calendar))
    context = {
        "title": sample.title,
        "sample": sample,
        "email": email,
        "chosen": chosen,
        "looks": _tabs(chosen, "look", LOOKS),
        "languages": _tabs(chosen, "language", dict(settings.LANGUAGES)),
        "kilobytes": max(1, round(size / 1000)),
    }
    return render(request, "cop/proofs/proof_detail.html", _frame(request) | context)


@require_safe
@xframe_options_sameorigin
def proof_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part itself, for the frame on the page."""
    sample = _sample_or_404(request, name)
    email = build_sample(sample, _language(request.GET), now=timezone.now())
    return HttpResponse(email.html, headers={"Content-Security-Policy": MAIL_POLICY})


@require_POST
def proof_send(request: HttpRequest, name: str) -> HttpResponse:
    sample = _sample_or_404(request, name)
    language = _language(request.POST)
    address = {"address": request.user.email}
    if send_sample(sample=sample, language=language, by=request.user, now=timezone.now()):
        messages.success(request, _("The sample is on its way to %(address)s.") % address)
    else:
        messages.info(request, _("It is on its way already. In a minute you can send another."))
    return redirect(f"{reverse('proof_detail', args=[name])}?{urlencode({'language': language})}")


def _staff_or_404(request: HttpRequest) -> None:
    if not may_proof_read(request.user):
        raise Http404


def _sample_or_404(request: HttpRequest, name: str) -> Sample:
    _staff_or_404(request)
    if name not in SAMPLES:
        raise Http404
    return SAMPLES[name]


def _language(params: QueryDict) -> str:
    wanted = params.get("language", "")
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGES[0][0]


def _tabs(chosen: dict[str, str], name: str, known: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?{urlencode(chosen | {name: value})}",
            "current": chosen[name] == value,
        }
        for value, label in known.items()
    ]


def _frame(request: HttpRequest) -> dict[str, Any]:
    return admin.site.each_context(request)
