"""Asking to join, and answering a reviewer's question. What a paper shows: members.forms.offers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.formfields import OneLineField
from cop.core.mail import one_line
from members.forms.offers import OfferForm, Problem, problems_of
from members.forms.uploads import KeepsFile
from members.models import Affiliation, Criterion, MembershipApplication, Organization
from members.queries import known_like
from outbox.forms import PROMISES

ApplyingAs = MembershipApplication.ApplyingAs
NEW = "new"
NEAR = gettext_lazy("We know one with a name much like it. Choose.")
# Of somebody who comes for themselves, nothing about an organization is asked.
OF_ORGANIZATION = (
    "proposed_name", "proposed_city", "same_as", "applying_as", "role_group", "role_title",
)  # fmt: skip


class ApplicationForm(forms.Form):
    """Asks only for what reviewers use. Validates; never saves.

    `organization`: the one that was picked, or None where the person names a new one.
    `criteria`: the ways to qualify; empty where nothing needs to be shown.
    """

    proposed_name = OneLineField(
        label=gettext_lazy("Name of your organization"),
        max_length=160,
        error_messages={"required": gettext_lazy("Tell us the name of your organization.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    proposed_city = OneLineField(
        label=gettext_lazy("City or town"),
        max_length=80,
        error_messages={"required": gettext_lazy("Tell us the city or town.")},
        help_text=gettext_lazy("Only the city, never a street address."),
    )
    # Asked only where we know one with a name much like it.
    same_as = forms.ChoiceField(
        label=gettext_lazy("Is it one of these?"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": NEAR},
    )
    applying_as = forms.ChoiceField(
        label=gettext_lazy("What describes you best?"),
        choices=[choice for choice in ApplyingAs.choices if choice[0] != ApplyingAs.INDIVIDUAL],
        error_messages={"required": gettext_lazy("Choose the one that fits best.")},
        widget=forms.RadioSelect,
    )
    role_group = forms.ChoiceField(
        label=gettext_lazy("What kind of role is it?"),
        # Nothing chosen beforehand: what people scroll past would be false.
        choices=[("", gettext_lazy("Choose one")), *Affiliation.RoleGroup.choices],
        error_messages={"required": gettext_lazy("Choose the kind of role.")},
    )
    role_title = OneLineField(
        label=gettext_lazy("What are you called there?"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("For example: night support worker."),
    )
    motivation = forms.CharField(
        label=gettext_lazy("What brings you here?"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("A sentence or two, if you like. Please nothing about clients."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    criterion = forms.ChoiceField(
        label=gettext_lazy("How does your organization qualify?"),
        required=False,
        widget=forms.RadioSelect,
    )
    # Set once it was asked: what stands in a card that is not chosen may be left behind.
    left_open = forms.CharField(required=False, widget=forms.HiddenInput)
    agreement = forms.BooleanField(
        label=gettext_lazy("I take part in this spirit"),
        error_messages={"required": gettext_lazy("Tick it to go on: it is how we meet here.")},
    )
    lists = forms.MultipleChoiceField(
        label=gettext_lazy("What may we send you?"),
        choices=list(PROMISES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        organization: Organization | None,
        criteria: Sequence[Criterion],
        person_id: str,
        today: date,
        is_individual: bool = False,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organization, self.is_individual = organization, is_individual
        self.known: list[Organization] = []
        chosen = self._chosen_code()
        self.offers = [
            OfferForm(
                *args,
                criterion=row,
                organization=organization,
                person_id=person_id,
                today=today,
                is_chosen=row.code == chosen,
            )
            for row in criteria
        ]
        self._shape(criteria)

    def _chosen_code(self) -> str:
        """The card that was chosen. Only service providers are asked to show anything."""
        if self.data.get("applying_as", "") not in {"", ApplyingAs.PROVIDER}:
            return ""
        return str(self.data.get("criterion", ""))

    def _shape(self, criteria: Sequence[Criterion]) -> None:
        if self.organization is not None:
            del self.fields["proposed_name"], self.fields["proposed_city"], self.fields["same_as"]
        elif self.is_individual:
            for name in OF_ORGANIZATION:
                del self.fields[name]
        else:
            self._look_for_known()
        if criteria:
            codes = [(row.code, str(row)) for row in criteria]
            self.fields["criterion"].choices = [("", ""), *codes]
        else:
            del self.fields["criterion"], self.fields["left_open"]

    def _look_for_known(self) -> None:
        name = self["proposed_name"].value() if self.is_bound else ""
        self.known = known_like(one_line(str(name or "")))
        rows = [
            (row.public_id, f"{row.name}, {row.city}" if row.city else row.name)
            for row in self.known
        ]
        self.fields["same_as"].choices = [*rows, (NEW, _("No, it is none of these"))]

    @property
    def offer(self) -> OfferForm | None:
        return next((form for form in self.offers if form.is_chosen), None)

    def is_valid(self) -> bool:
        """With the fields of the card that was chosen; the other cards are not read."""
        fits = super().is_valid()
        return fits and (self.offer is None or self.offer.is_valid())

    def has_kept_file(self) -> bool:
        return any(form.kept_file for form in self.offers)

    def problems(self) -> list[Problem]:
        if not self.is_bound:
            return []
        return [*problems_of(self), *(problems_of(self.offer) if self.offer else [])]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.known and not data.get("same_as") and "same_as" not in self.errors:
            self.add_error("same_as", NEAR)
        if "criterion" in self.fields and not data.get("criterion"):
            self._ask_which()
        return data

    def _ask_which(self) -> None:
        """Something stands in a card that is not chosen: by mistake, or left from a change."""
        is_provider = self.cleaned_data.get("applying_as") == ApplyingAs.PROVIDER
        is_filled = any(form.is_filled() for form in self.offers)
        if is_provider and is_filled and not self.data.get("left_open"):
            self.data = self.data.copy()
            self.data["left_open"] = "1"
            self.add_error(
                "criterion",
                _("Choose what this paper shows. Or send it once more to leave it open for now."),
            )

    def answers(self) -> dict[str, Any]:
        """What `submit_application` takes."""
        taken = {"agreement", "criterion", "same_as", "left_open"}
        found = {name: value for name, value in self.cleaned_data.items() if name not in taken}
        if self.is_individual:
            return found | {"applying_as": ApplyingAs.INDIVIDUAL}
        offer = self.offer
        if offer is not None:
            found |= {
                "criterion": offer.criterion,
                "reference": offer.cleaned_data.get("reference", ""),
                "document": offer.cleaned_data.get("document"),
                "facts": offer.facts(),
            }
        return found | {"organization": self.chosen_organization()}

    def chosen_organization(self) -> Organization | None:
        same_as = self.cleaned_data.get("same_as")
        same = next((row for row in self.known if row.public_id == same_as), None)
        return self.organization or same


class AnswerForm(KeepsFile):
    """The applicant's answer to a reviewer's question."""

    answer = forms.CharField(
        label=gettext_lazy("What would you like to tell us?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Please nothing about clients."),
    )
    criterion = forms.ModelChoiceField(
        label=gettext_lazy("What does the paper show?"),
        queryset=Criterion.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("The same as before"),
    )
    reference = OneLineField(
        label=gettext_lazy("Name or number, as it is written there"),
        max_length=160,
        required=False,
    )

    field_order = ["answer", "criterion", "reference", "document"]

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        application: MembershipApplication,
        has_evidence: bool,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        active = application.community.criteria.filter(is_active=True)
        self.fields["criterion"].queryset = active.order_by("position", "pk")
        if not has_evidence:
            self.fields["criterion"].empty_label = _("Nothing to show")
        if application.organization_id is None:
            for name in ("criterion", "reference", "document", "kept"):
                del self.fields[name]
        self.person_id = application.person.public_id
        self.has_evidence = has_evidence

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.take_kept(data)
        shown = data.get("reference") or data.get("document")
        if shown and not data.get("criterion") and not self.has_evidence:
            self.add_error("criterion", _("Choose what this paper shows."))
        return data
