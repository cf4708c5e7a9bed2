"""Forms of the desk about a community and its parts. They check; the actions change."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions.communities import LIVING, say_missing
from members.actions.partners import why_not_partner
from members.admin.lines import LinesField, LinksField
from members.models import (
    Community,
    Criterion,
    EvidenceKind,
    Organization,
    ParticipationAgreement,
    Partner,
    Stream,
)
from members.queries.communities import missing_parts

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
WIDE = {"class": "vTextField"}


class CommunityForm(forms.ModelForm):
    """An open community keeps what it needs to be open (C1)."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )
    functions = forms.MultipleChoiceField(
        label=gettext_lazy("What it is for"),
        choices=Community.Function.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors or self.instance.status not in LIVING:
            return
        now = timezone.now()
        before = Community.objects.get(pk=self.instance.pk)
        was = {part.code for part in missing_parts(before, now.date())}
        if {part.code for part in missing_parts(self.instance, now.date())} - was:
            self.add_error(None, say_missing(self.instance, now))


class StreamForm(forms.ModelForm):
    features = forms.MultipleChoiceField(
        label=gettext_lazy("Parts in use"),
        choices=Stream.Feature.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "What the streams of a community use together stands in its menu. "
            "None ticked: what this kind of stream usually has."
        ),
    )

    class Meta:
        model = Stream
        fields = [
            "community", "kind", "name", "name_fr", "purpose", "purpose_fr", "cadence", "features",
            "starts_on",
        ]  # fmt: skip
        widgets = {"starts_on": DATE}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind") or self.instance.kind
        if not data.get("features") and kind:
            data["features"] = [one.value for one in Stream.FEATURES_OF[kind]]
        return data


class CriterionForm(forms.ModelForm):
    """A way to qualify, with everything that people and reviewers read about it."""

    accepted_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Papers that we take"),
        choices=EvidenceKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all of them."),
    )
    issuers = LinesField(
        label=gettext_lazy("Who issues it"),
        line_length=120,
        required=False,
        help_text=gettext_lazy("One a line. Empty: people type it themselves."),
    )
    check_links = LinksField(
        label=gettext_lazy("More places to check"),
        line_length=200,
        rows=4,
        required=False,
        help_text=gettext_lazy("Web addresses for reviewers, one a line."),
    )

    class Meta:
        model = Criterion
        fields = [
            "community", "code", "position", "is_active", "label", "label_fr", "help_text",
            "help_text_fr", "examples", "examples_fr", "not_enough", "not_enough_fr", "level",
            "accepted_kinds", "issuers", "reference_label", "reference_label_fr", "validity",
            "doubt", "check_url", "check_links", "is_tied_to_address",
        ]  # fmt: skip

    def clean_is_active(self) -> bool:
        wanted = self.cleaned_data["is_active"]
        row = self.instance
        if row.pk is None or wanted or not row.is_active or row.community.status not in LIVING:
            return wanted
        others = row.community.criteria.filter(is_active=True).exclude(pk=row.pk)
        if row.community.admission_policy == Community.Admission.CRITERIA and not others.exists():
            raise forms.ValidationError(
                _("It is the only criterion in use, and the community is open. Add another first.")
            )
        return wanted


class PartnerForm(forms.ModelForm):
    class Meta:
        model = Partner
        fields = [
            "community", "organization", "role", "starts_on", "position", "statement",
            "data_access",
        ]  # fmt: skip
        widgets = {"starts_on": DATE}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        asked = [data.get(name) for name in ("community", "organization", "role")]
        if self.instance.pk is None and all(asked):
            refusal = why_not_partner(*asked)
            if refusal:
                raise forms.ValidationError(refusal)
        return data


class EndPartnerForm(forms.Form):
    ends_on = forms.DateField(label=gettext_lazy("Last day"), widget=DATE)


class HostForm(forms.Form):
    organization = forms.ModelChoiceField(
        label=gettext_lazy("The new host"),
        queryset=Organization.objects.none(),
        help_text=gettext_lazy("Organizations that your communities know already."),
    )


class AgreementForm(forms.ModelForm):
    """The ground rules, one a line."""

    lines = LinesField(
        label=gettext_lazy("Lines"),
        rows=10,
        help_text=gettext_lazy("One rule a line, in plain words. Six are plenty."),
    )
    lines_fr = LinesField(label=gettext_lazy("Lines in French"), rows=10, required=False)

    class Meta:
        model = ParticipationAgreement
        fields = ["community", "lines", "lines_fr", "asks_again"]


class SuspendForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("The first day on which it is over"),
        widget=DATE,
        help_text=gettext_lazy("Thirty days from today at most."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Your words to the person"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("They stand in the mail as you write them. Name nobody else."),
    )


class RemoveForm(forms.Form):
    reason = SuspendForm.base_fields["reason"]


class DelegateForm(forms.Form):
    organization = forms.ModelChoiceField(
        label=gettext_lazy("Speaks for"),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=gettext_lazy("No organization"),
        help_text=gettext_lazy("Only where the organization has confirmed that they work there."),
    )

    def __init__(self, *args: Any, organizations: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = organizations.order_by("name", "pk")
