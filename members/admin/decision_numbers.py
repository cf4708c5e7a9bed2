"""How the community decides, and what became of one's own decisions."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions.memberships import local_day
from members.admin.base import DeskAdmin
from members.history import say_code
from members.models import Community, MembershipApplication
from members.queries.decisions import (
    Decisions,
    ShownDecisions,
    appealed_decisions_of,
    count_decisions,
    hide_small,
)
from members.reasons import say_reasons

ROLES = ("coordinator", "reviewer")


class PeriodForm(forms.Form):
    community = forms.ModelChoiceField(
        label=gettext_lazy("Community"),
        queryset=Community.objects.none(),
        to_field_name="slug",
        empty_label=None,
    )
    start = forms.DateField(
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    end = forms.DateField(
        label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, communities: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["community"].queryset = communities.order_by("name", "pk")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = data.get("start"), data.get("end")
        if start and end and end < start:
            self.add_error("end", _("The last day lies before the first one."))
        return data


def _staffed(desk: DeskAdmin, request: HttpRequest) -> Any:  # noqa: ANN401
    communities = desk.communities(request, *ROLES)
    if not communities.exists():
        raise PermissionDenied
    return communities


def numbers_page(desk: DeskAdmin, request: HttpRequest) -> HttpResponse:
    communities = _staffed(desk, request)
    first = communities.order_by("name", "pk").first()
    today = local_day(first, timezone.now())
    period = {"community": first.slug, "start": _year_start(first, today), "end": today}
    form = PeriodForm(request.GET if "start" in request.GET else period, communities=communities)
    rows: list[tuple[str, str, str]] = []
    codes: list[tuple[str, str, str]] = []
    if form.is_valid():
        community = form.cleaned_data["community"]
        found = count_decisions(community, form.cleaned_data["start"], form.cleaned_data["end"])
        shown = hide_small(found, community.anonymity_min_n)
        rows = _rows(found, shown)
        codes = [
            (say_code(code), str(number), shown.declined_by_code[code])
            for code, number in found.declined_by_code.items()
        ]
    context = {
        "title": _("Decisions in numbers"),
        "opts": MembershipApplication._meta,
        "form": form,
        "rows": rows,
        "codes": codes,
    }
    return desk.page(request, "decision_numbers.html", context)


def _year_start(community: Community, today: date) -> date:
    """The first day of the programme year."""
    month = community.year_start_month
    return date(today.year - (today.month < month), month, 1)


def _rows(found: Decisions, shown: ShownDecisions) -> list[tuple[str, str, str]]:
    days = f"{found.median_days:g}" if found.median_days is not None else "–"
    share = f"{found.upheld_share} %" if found.upheld_share is not None else "–"
    return [
        (_("Applications"), str(found.applications), shown.applications),
        (_("Questions to applicants"), str(found.requests), shown.requests),
        (_("Approved"), str(found.approved), shown.approved),
        (_("Of these approved by the rule"), str(found.approved_by_rule), shown.approved_by_rule),
        (_("Declined"), str(found.declined), shown.declined),
        (_("Appeals"), str(found.appeals), shown.appeals),
        (_("Upheld, of those decided"), share, shown.upheld_share),
        (_("Days to the first decision, in the middle"), days, shown.median_days),
    ]


def my_decisions_page(desk: DeskAdmin, request: HttpRequest) -> HttpResponse:
    """One's own declines that a panel has looked at. No counts: it is for learning, no score."""
    communities = _staffed(desk, request)
    rows = list(appealed_decisions_of(request.user, communities)[:50])
    for row in rows:
        row.why = say_reasons(row.application.reason_codes)
    context = {
        "title": _("What panels said to your decisions"),
        "opts": MembershipApplication._meta,
        "rows": rows,
    }
    return desk.page(request, "my_decisions.html", context)
