from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Community, Evidence, MembershipApplication, RoleGrant, User
from members.reasons import DeclineReason, InfoReason

APPROVE, ASK, DECLINE = "approve", "ask", "decline"


class DecisionForm(forms.Form):
    """One message and three buttons. What each button needs is checked here; nothing is done."""

    decision = forms.ChoiceField(
        choices=[(APPROVE, APPROVE), (ASK, ASK), (DECLINE, DECLINE)], widget=forms.HiddenInput
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    verify_evidence = forms.BooleanField(
        label=gettext_lazy("I checked the evidence, and it holds"), required=False
    )
    check_method = forms.ChoiceField(
        label=gettext_lazy("How I checked it"),
        choices=[("", gettext_lazy("Choose one")), *Evidence.Method.choices],
        required=False,
    )
    valid_to = forms.DateField(
        label=gettext_lazy("It holds until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
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
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=gettext_lazy(
            "They stand in the mail as you write them, in plain language. Say what would help."
        ),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        decision = data.get("decision")
        if decision in {ASK, DECLINE} and not data.get("message", "").strip():
            self.add_error("message", _("Write a few words: the person reads them in the mail."))
        if decision == DECLINE and not data.get("decline_reasons"):
            self.add_error(
                "decline_reasons", _("Choose at least one reason: it tells what would help.")
            )
        if decision == APPROVE and data.get("verify_evidence") and not data.get("check_method"):
            self.add_error("check_method", _("Say how you checked the evidence."))
        return data

    def reason_codes(self) -> list[str]:
        key = {ASK: "info_reasons", DECLINE: "decline_reasons"}.get(self.cleaned_data["decision"])
        return self.cleaned_data[key] if key else []


def valid_to_by_rule(application: MembershipApplication, today: date) -> date:
    """Registrations run to the next 31 March; the rest is looked at again in twelve months."""
    row = application.evidence.select_related("criterion").order_by("-submitted_at", "-pk").first()
    if row is not None and row.criterion.code == "REGISTERED":
        year = today.year + (today > date(today.year, 3, 31))
        return date(year, 3, 31)
    day = min(today.day, 28)
    return date(today.year + 1, today.month, day)


class RoleForm(forms.Form):
    """Who does what, from which day to which, in one community or in several side by side."""

    community = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Community"),
        queryset=Community.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address of the person"),
        help_text=gettext_lazy("They need an account here first."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[("", gettext_lazy("Choose one")), *RoleGrant.Role.choices],
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        help_text=gettext_lazy("Empty: today."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Empty: until somebody ends it."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, communities: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        rows = communities.order_by("name", "pk")
        self.fields["community"].queryset = rows
        if len(rows) == 1:
            self.initial["community"] = [rows[0].pk]
            self.fields["community"].widget = forms.MultipleHiddenInput()

    def clean_email(self) -> User:
        person = User.objects.filter(email=self.cleaned_data["email"], is_active=True).first()
        if person is None:
            raise forms.ValidationError(
                _("We know nobody with this address. Ask them to make an account first.")
            )
        return person
