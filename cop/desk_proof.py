"""The proof for one address, at the desk: on the page, and as a table to hand out (CASL-1)."""

import csv
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cop.core import audit
from library.importing.columns import guard
from members.models import Community
from outbox.models import Subscription
from outbox.proof import ProofLine, proof_for, state_of


class AddressForm(forms.Form):
    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("It is looked for and not kept: not in the address of this page."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address_proof(request: HttpRequest) -> HttpResponse:
    """Coordinators, about their own communities. Each look is written down, without the address."""
    mine = Community.objects.staffed_by(request.user, "coordinator").order_by("pk")
    communities = list(mine)
    if not communities:
        raise PermissionDenied
    form = AddressForm(request.POST or None)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Subscription._meta,
        "title": _("What shows that we may write to an address"),
        "form": form,
        "back_url": reverse("admin:outbox_subscription_changelist"),
    }
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["address"].strip().lower()
        scopes = [one.public_id for one in communities]
        for community in communities:
            audit.record("proof_viewed", community, by=request.user, scope=community.public_id)
        lines = proof_for(address, scopes)
        if request.POST.get("do") == "table":
            return _table(lines)
        context |= {
            "address": address,
            "lines": [(line, _say(line.at, request.user.timezone)) for line in lines],
            "choices": state_of(address, scopes),
            "is_shown": True,
        }
    return TemplateResponse(request, "cop/desk/address_proof.html", context)


def _say(moment: Any, zone: str) -> str:  # noqa: ANN401
    """Wall time of the reader and the instant in UTC: the second one is the proof."""
    local = date_format(moment.astimezone(ZoneInfo(zone)), "j F Y H:i")
    return f"{local} ({moment.astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M:%S} UTC)"


def _table(lines: list[ProofLine]) -> HttpResponse:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            _("When (UTC)"),
            _("List"),
            _("What"),
            _("Where"),
            _("Words"),
            _("Proof"),
            _("Until (UTC)"),
        ]
    )
    for line in lines:
        until = f"{line.until:%Y-%m-%d %H:%M:%S}" if line.until else ""
        cells = [line.listing, line.what, line.source, line.words, line.proof, until]
        writer.writerow([f"{line.at:%Y-%m-%d %H:%M:%S}", *map(guard, cells)])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="proof-of-consent.csv"'
    return answer
