"""Forms of the desk about evidence. They check what was typed; the actions check the rest."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from cop.core.formfields import OneLineField, WordsField
from cop.core.text import localized
from members.models import Community, Criterion, Evidence, Organization, Site
from members.reasons import InfoReason

CHOOSE = ("", gettext_lazy("Choose one"))


def date_field(label: Any, help_text: Any = "") -> forms.DateField:  # noqa: ANN401
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


def note_field(label: Any, *, required: bool = True) -> WordsField:  # noqa: ANN401
    return WordsField(
        label=label,
        required=required,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For the next reviewer. Nothing about clients."),
    )


class CriterionField(forms.ModelChoiceField):
    """With the name of its community, where staff work for several."""

    def label_from_instance(self, obj: Criterion) -> str:
        return f"{localized(obj, 'label')} ({obj.community.short_name})"


class CheckForm(forms.Form):
    """How it was checked, and until when it holds."""

    check_method = forms.ChoiceField(
        label=gettext_lazy("How I checked it"), choices=[CHOOSE, *Evidence.Method.choices]
    )
    valid_from = date_field(gettext_lazy("Valid from"))
    valid_to = date_field(
        gettext_lazy("It holds until"),
        gettext_lazy("Empty: by the rule, the next 31 March or twelve months."),
    )
    note = note_field(gettext_lazy("Note"), required=False)


class RecordForm(CheckForm):
    """What a reviewer knows and has checked, without an application."""

    criterion = CriterionField(
        label=gettext_lazy("What it shows"), queryset=Criterion.objects.none(), empty_label=None
    )
    site = forms.ModelChoiceField(
        label=gettext_lazy("House or centre"),
        queryset=Site.objects.none(),
        required=False,
        empty_label=gettext_lazy("The organization as a whole"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind of paper"), choices=Evidence.Kind.choices)
    issuer = OneLineField(label=gettext_lazy("Issued by"), max_length=120, required=False)
    reference = OneLineField(
        label=gettext_lazy("Name or number, as it is written there"), max_length=160
    )
    holder_name = OneLineField(
        label=gettext_lazy("Name of the holder, as it is written there"),
        max_length=160,
        required=False,
    )
    register_url = forms.URLField(
        label=gettext_lazy("Where it is listed"), required=False, assume_scheme="https"
    )
    field_order = [
        "criterion", "site", "kind", "issuer", "reference", "holder_name", "register_url",
        "valid_from", "valid_to", "check_method", "note",
    ]  # fmt: skip

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        organization: Organization,
        communities: QuerySet[Community],
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        criteria = Criterion.objects.filter(community__in=communities, is_active=True)
        self.fields["criterion"].queryset = criteria.select_related("community").order_by(
            "community__name", "position", "pk"
        )
        self.fields["site"].queryset = organization.sites.filter(closed_on=None).order_by(
            "name", "pk"
        )


class RejectForm(forms.Form):
    reason_code = forms.ChoiceField(
        label=gettext_lazy("Why it does not hold"), choices=[CHOOSE, *InfoReason.choices]
    )
    note = note_field(gettext_lazy("Note"), required=False)


class ChallengeForm(forms.Form):
    note = note_field(gettext_lazy("What was heard, and where it can be checked"))


class SettleForm(forms.Form):
    holds = forms.TypedChoiceField(
        label=gettext_lazy("What is it?"),
        choices=[("yes", gettext_lazy("It holds")), ("no", gettext_lazy("It does not hold"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = note_field(gettext_lazy("How you checked it"))


class RevokeForm(forms.Form):
    note = note_field(gettext_lazy("Why it does not hold any more"))
