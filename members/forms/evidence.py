from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.formfields import OneLineField
from cop.core.text import localized
from members.forms.uploads import document_field
from members.models import Criterion, Organization, Site


class CriterionChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Criterion) -> str:
        return f"{localized(obj, 'label')} · {localized(obj.community, 'name')}"


class EvidenceForm(forms.Form):
    """A new paper from somebody who speaks for the organization."""

    criterion = CriterionChoice(
        label=gettext_lazy("What does the paper show?"),
        queryset=Criterion.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what this paper shows.")},
    )
    site = forms.ModelChoiceField(
        label=gettext_lazy("For which house?"),
        queryset=Site.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=gettext_lazy("For all of us"),
    )
    reference = OneLineField(
        label=gettext_lazy("Name or number, as it is written there"),
        max_length=160,
        required=False,
    )
    valid_from = forms.DateField(
        label=gettext_lazy("First day, if it names one"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    valid_to = forms.DateField(
        label=gettext_lazy("Last day, if it names one"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    document = document_field()

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        organization: Organization,
        criteria: Sequence[Criterion],
        today: date,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        offered = Criterion.objects.filter(pk__in=[row.pk for row in criteria])
        self.fields["criterion"].queryset = offered.select_related("community").order_by(
            "community__name", "position", "pk"
        )
        if len(criteria) == 1:
            self.initial["criterion"] = criteria[0].pk
        sites = organization.sites.filter(closed_on=None).order_by("name", "pk")
        if sites:
            self.fields["site"].queryset = sites
        else:
            del self.fields["site"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("valid_from"), data.get("valid_to")
        if last and last < self.today:
            self.add_error(
                "valid_to", _("This paper has ended. Send the one that holds now, or the next.")
            )
        elif first and last and last < first:
            self.add_error("valid_to", _("The last day lies before the first one."))
        if not data.get("reference") and not data.get("document") and "document" not in self.errors:
            self.add_error(
                "reference", _("Give the name or number, or a photo of the paper below.")
            )
        return data
