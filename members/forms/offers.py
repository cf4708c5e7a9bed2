"""What an applicant shows for one way to qualify. Each criterion has fields of its own."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.formfields import OneLineField
from cop.core.text import localized
from members.doubts import question_about
from members.forms.uploads import document_field
from members.kept_files import kept_name, kept_upload
from members.models import Criterion, Evidence, Organization

DAY = {"type": "date"}
OTHER = "-"


class OfferForm(forms.Form):
    """The fields inside the card of one criterion. Validates; never saves.

    `organization`: where it is known, else None. `person_id`: whose kept file may come again.
    """

    house = OneLineField(
        label=gettext_lazy("Which house or centre?"),
        max_length=160,
        help_text=gettext_lazy("Its name and city, never the street."),
        error_messages={"required": gettext_lazy("Say which house or centre it is about.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What do you have?"),
        error_messages={"required": gettext_lazy("Choose what you have.")},
    )
    issuer = forms.ChoiceField(label=gettext_lazy("Who issued it?"), required=False)
    reference = OneLineField(max_length=160, required=False)
    valid_from = forms.DateField(
        label=gettext_lazy("First day of the period"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )
    valid_to = forms.DateField(
        label=gettext_lazy("Last day of the period"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )
    document = document_field()
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    # Set once the question was asked: pressing again goes on.
    asked = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        criterion: Criterion,
        organization: Organization | None,
        person_id: str,
        today: date,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, prefix=criterion.code, **kwargs)
        self.criterion, self.organization = criterion, organization
        self.person_id, self.today = person_id, today
        self.question = ""
        self._shape()

    def _shape(self) -> None:
        criterion, fields = self.criterion, self.fields
        fields["reference"].label = localized(criterion, "reference_label")
        kinds = [(k, v) for k, v in Evidence.Kind.choices if k in criterion.accepted_kinds]
        if len(kinds) > 1:
            fields["kind"].choices = [("", _("Choose one")), *kinds]
        else:
            del fields["kind"]
        if len(criterion.issuers) > 1:
            names = [(name, name) for name in criterion.issuers]
            other = (OTHER, _("Another one, or I do not know"))
            fields["issuer"].choices = [("", _("Choose one")), *names, other]
        else:
            del fields["issuer"]
        if criterion.level != Criterion.Level.SITE:
            del fields["house"]
        if criterion.validity != Criterion.Validity.PERIOD:
            del fields["valid_from"], fields["valid_to"]

    @property
    def kept_file(self) -> str:
        """The name of the file that is here from the try before."""
        token = self.data.get(self.add_prefix("kept"), "") if self.is_bound else ""
        return kept_name(self.person_id, token) if token else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        limits = self.fields["document"].limits
        if not data.get("document") and "document" not in self.errors and data.get("kept"):
            data["document"] = kept_upload(self.person_id, data["kept"], **limits)
        if not data.get("reference") and not data.get("document") and "document" not in self.errors:
            self.add_error("reference", _("Give this, or a photo of the paper below."))
        self._check_period(data)
        if not self.errors and not data.get("asked"):
            self.question = question_about(self.criterion, data.get("reference", ""))
            if self.question:
                self.add_error("reference", self.question)
        return data

    def _check_period(self, data: dict[str, Any]) -> None:
        first, last = data.get("valid_from"), data.get("valid_to")
        if last and last < self.today:
            self.add_error(
                "valid_to",
                _("This period has ended. Send the paper that holds now, or the one that follows."),
            )
        elif first and last and last < first:
            self.add_error("valid_to", _("The last day lies before the first one."))

    def facts(self) -> dict[str, Any]:
        """What the paper says, as the row takes it."""
        data, criterion = self.cleaned_data, self.criterion
        issuer = data.get("issuer", "")
        facts: dict[str, Any] = {
            "kind": data.get("kind") or next(iter(criterion.accepted_kinds), ""),
            "issuer": "" if issuer == OTHER else issuer,
            "valid_from": data.get("valid_from"),
            "valid_to": data.get("valid_to"),
        }
        if not issuer and len(criterion.issuers) == 1:
            facts["issuer"] = criterion.issuers[0]
        if data.get("house"):
            facts["holder_name"] = data["house"]
            facts["site"] = self._site(data["house"])
        return {name: value for name, value in facts.items() if value}

    def _site(self, words: str) -> Any:  # noqa: ANN401  a Site, or None
        """The one house that was meant. Its name alone is not told to whoever does not know it."""
        if self.organization is None:
            return None
        found = list(self.organization.sites.filter(closed_on=None).called(words)[:2])
        return found[0] if len(found) == 1 else None


def offers(make: Callable[[Criterion], OfferForm], criteria: list[Criterion]) -> list[OfferForm]:
    return [make(criterion) for criterion in criteria]
