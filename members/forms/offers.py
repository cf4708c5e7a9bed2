"""What an applicant shows for one way to qualify. Each criterion has fields of its own."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.formfields import OneLineField
from cop.core.text import localized
from members.doubts import question_about
from members.forms.uploads import KeepsFile
from members.models import Criterion, Evidence, Organization, Site
from members.queries import site_called
from members.queries.organizations import host_of

DAY = {"type": "date"}
OTHER = "-"


class Problem(NamedTuple):
    """One line of the summary on top of a form."""

    anchor: str
    label: str
    text: str


class OfferForm(KeepsFile):
    """The fields inside the card of one criterion. Validates; never saves.

    `organization`: where it is known, else None. `person_id`: whose kept file may come again.
    Without `is_chosen` its fields are shown again as they came, and nothing is asked of them.
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
    holder_name = OneLineField(
        label=gettext_lazy("Name on the paper, if it is another one"),
        max_length=160,
        required=False,
        help_text=gettext_lazy("For example the legal name of your organization."),
    )
    valid_from = forms.DateField(
        label=gettext_lazy("First day, if it names one"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )
    valid_to = forms.DateField(
        label=gettext_lazy("Last day, if it names one"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )
    # What the question was asked about: sent once more as it is, it is taken.
    asked = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        criterion: Criterion,
        organization: Organization | None,
        person_id: str,
        today: date,
        is_chosen: bool = False,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, prefix=criterion.code, **kwargs)
        self.criterion, self.organization = criterion, organization
        self.person_id, self.today = person_id, today
        self.is_chosen, self.question = is_chosen, ""
        self._shape()

    def _shape(self) -> None:
        criterion, fields = self.criterion, self.fields
        fields["reference"].label = localized(criterion, "reference_label")
        # None ticked at the desk means all of them; then there is no need to ask.
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
        if criterion.level == Criterion.Level.SITE or criterion.is_tied_to_address:
            del fields["holder_name"]
        else:
            del fields["house"]
        if criterion.validity != Criterion.Validity.PERIOD:
            del fields["valid_from"], fields["valid_to"]

    def full_clean(self) -> None:
        if self.is_chosen or not self.is_bound:
            super().full_clean()
        else:
            self._errors, self.cleaned_data = ErrorDict(), {}

    @property
    def kind_names(self) -> list[str]:
        return [
            str(label)
            for kind, label in Evidence.Kind.choices
            if kind in self.criterion.accepted_kinds
        ]

    @property
    def places(self) -> list[tuple[str, str]]:
        """Where it is listed, with the name of the host to show."""
        urls = dict.fromkeys([self.criterion.check_url, *self.criterion.check_links])
        return [(url, host_of(url)) for url in urls if url]

    def is_filled(self) -> bool:
        """Has anything been written or chosen here?"""
        names = [name for name in self.fields if name not in {"kept", "asked"}]
        sent = any(self.data.get(self.add_prefix(name)) for name in names)
        return bool(sent or self.files.get(self.add_prefix("document")) or self.kept_file)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.take_kept(data)
        if not data.get("reference") and not data.get("document") and "document" not in self.errors:
            self.add_error("reference", _("Give this, or a photo of the paper below."))
        self._check_period(data)
        self._ask(data.get("reference", ""), data.get("asked", ""))
        return data

    def _check_period(self, data: dict[str, Any]) -> None:
        first, last = data.get("valid_from"), data.get("valid_to")
        if last and last < self.today:
            self.add_error(
                "valid_to",
                _(
                    "This period has ended. Show the paper that holds now. If the new one has not "
                    "come yet, choose “I leave it open for now” and send it to us later."
                ),
            )
        elif first and last and last < first:
            self.add_error("valid_to", _("The last day lies before the first one."))

    def _ask(self, reference: str, asked: str) -> None:
        question = question_about(self.criterion, reference)
        if not question or asked == reference:
            return
        self.question = question
        self.remember("asked", reference)
        self.add_error(None, question)

    def facts(self) -> dict[str, Any]:
        """What the paper says, as the row takes it."""
        data, criterion = self.cleaned_data, self.criterion
        issuer = data.get("issuer", "")
        facts: dict[str, Any] = {
            "kind": data.get("kind") or next(iter(criterion.accepted_kinds), ""),
            "issuer": "" if issuer == OTHER else issuer,
            "holder_name": data.get("house") or data.get("holder_name"),
            "site": self._site(data.get("house", "")),
            "valid_from": data.get("valid_from"),
            "valid_to": data.get("valid_to"),
        }
        if not issuer and len(criterion.issuers) == 1:
            facts["issuer"] = criterion.issuers[0]
        return {name: value for name, value in facts.items() if value}

    def _site(self, words: str) -> Site | None:
        """The one that was meant. Its name is not told to whoever does not know it (O1)."""
        if self.organization is None or not words:
            return None
        return site_called(self.organization, words)


def problems_of(form: forms.Form) -> Iterator[Problem]:
    """Every message of a form, with the place in the page that it is about."""
    general = form.non_field_errors()
    if getattr(form, "question", ""):
        # In whole it stands in its card.
        yield Problem(f"offer-{form.prefix}", _("A question"), _("Is this the right number?"))
        general = []
    for text in general:
        yield Problem("", "", text)
    for field in form:
        anchor = f"{field.auto_id}_0" if field.use_fieldset else field.auto_id
        for text in field.errors:
            yield Problem(anchor or "", field.label, text)
