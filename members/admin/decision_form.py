"""The form of the three buttons: approve, ask, decline. It checks; the actions decide."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.text import localized
from members.actions.evidence_records import last_day_by_rule
from members.models import Criterion, Evidence, EvidenceKind
from members.reasons import DeclineReason, InfoReason

APPROVE, ASK, DECLINE = "approve", "ask", "decline"
DAY = {"type": "date"}


class DecisionForm(forms.Form):
    """One message and three buttons. What each button needs is checked here; nothing is done."""

    decision = forms.ChoiceField(
        choices=[(APPROVE, APPROVE), (ASK, ASK), (DECLINE, DECLINE)], widget=forms.HiddenInput
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    verify_evidence = forms.BooleanField(
        label=gettext_lazy("I checked the evidence, and it holds"), required=False
    )
    holds = forms.TypedChoiceField(
        label=gettext_lazy("Which one you checked"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("One is enough. The others stay open, each on its own page."),
    )
    check_method = forms.ChoiceField(
        label=gettext_lazy("How I checked it"),
        choices=[("", gettext_lazy("Choose one")), *Evidence.Method.choices],
        required=False,
    )
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), required=False)
    valid_from = forms.DateField(
        label=gettext_lazy("It holds from"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=gettext_lazy("Only where the paper names a first day."),
    )
    valid_to = forms.DateField(
        label=gettext_lazy("It holds until"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=gettext_lazy("The last day on the paper. Empty: by the rule of its criterion."),
    )
    register_url = forms.URLField(
        label=gettext_lazy("Where it is listed"), required=False, assume_scheme="https"
    )
    note = forms.CharField(
        label=gettext_lazy("Note among reviewers"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Stays with the evidence. The person does not read it."),
    )
    info_reasons = forms.MultipleChoiceField(
        label=gettext_lazy("What is missing"),
        choices=InfoReason.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    decline_reasons = forms.MultipleChoiceField(
        label=gettext_lazy("Why not"),
        choices=DeclineReason.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    message = forms.CharField(
        label=gettext_lazy("Your words to the person"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=gettext_lazy(
            "They stand in the mail as you write them, in plain language. Say what would help."
        ),
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        open_evidence: Sequence[Evidence],
        today: date,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.open_evidence, self.today = list(open_evidence), today
        self.fields["holds"].choices = [(row.pk, _say(row)) for row in self.open_evidence]
        first = self.open_evidence[0] if len(self.open_evidence) == 1 else None
        taken = first.criterion.accepted_kinds if first else []
        kinds = [pair for pair in EvidenceKind.choices if not taken or pair[0] in taken]
        as_sent = _("as it was sent") if first is None else _("Choose one")
        self.fields["kind"].choices = [("", as_sent), *kinds]
        if first is not None:
            facts = {"kind": first.kind, "valid_from": first.valid_from}
            facts |= {"valid_to": day_proposed(first, today), "register_url": first.register_url}
            self.initial = facts | self.initial

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        decision = data.get("decision")
        if decision in {ASK, DECLINE} and not data.get("message", "").strip():
            self.add_error("message", _("Write a few words: the person reads them in the mail."))
        if decision == DECLINE and not data.get("decline_reasons"):
            self.add_error(
                "decline_reasons", _("Choose at least one reason: it tells what would help.")
            )
        if decision == APPROVE and data.get("verify_evidence"):
            self._check_the_check(data)
        return data

    def _check_the_check(self, data: dict[str, Any]) -> None:
        row = self.checked_row()
        if not data.get("check_method"):
            self.add_error("check_method", _("Say how you checked the evidence."))
        if row is None:
            field = "holds" if self.open_evidence else "verify_evidence"
            self.add_error(field, _("Say which evidence you checked."))
            return
        if has_register(row.criterion) and data.get("check_method") == "document_only":
            told = _("There is a public register for this: look it up there, or ask the issuer.")
            self.add_error("check_method", told)
        taken = row.criterion.accepted_kinds
        if taken and (data.get("kind") or row.kind) not in taken:
            self.add_error(
                "kind", _("Say what it is. This community takes no other papers for it.")
            )
        self._check_days(data.get("valid_from"), data.get("valid_to"))

    def _check_days(self, start: date | None, last: date | None) -> None:
        if last and last < self.today:
            self.add_error("valid_to", _("This day is over: the evidence holds no more."))
        if start and last and last < start:
            self.add_error("valid_to", _("The last day lies before the first one."))

    def checked_row(self) -> Evidence | None:
        """The evidence that the tick is about."""
        if len(self.open_evidence) == 1:
            return self.open_evidence[0]
        chosen = self.cleaned_data.get("holds")
        return next((row for row in self.open_evidence if row.pk == chosen), None)

    def check(self) -> dict[str, Any]:
        """What `approve_application` takes about the evidence."""
        data, row = self.cleaned_data, self.checked_row()
        if not data["verify_evidence"] or row is None:
            return {}
        names = ("check_method", "kind", "valid_from", "valid_to", "register_url", "note")
        facts = {name: data[name] for name in names}
        return {"verify_evidence": True, "only": [row.pk], **facts}

    def reason_codes(self) -> list[str]:
        key = {ASK: "info_reasons", DECLINE: "decline_reasons"}.get(self.cleaned_data["decision"])
        return self.cleaned_data[key] if key else []


def day_proposed(row: Evidence, today: date) -> date:
    """The last day that the paper names, else the one by the rule of its criterion."""
    if row.valid_to and row.valid_to >= today:
        return row.valid_to
    return last_day_by_rule(row.criterion, max(today, row.valid_from or today))


def has_register(criterion: Criterion) -> bool:
    return bool(criterion.check_url or criterion.check_links)


def _say(row: Evidence) -> str:
    return " · ".join(filter(None, [localized(row.criterion, "label"), row.reference]))
