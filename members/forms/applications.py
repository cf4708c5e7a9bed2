from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from cop.core.formfields import OneLineField
from cop.core.uploads import DOCUMENT_TYPES, MEGABYTE, CheckedUpload, check_upload
from members.models import Affiliation, Criterion, MembershipApplication, Organization
from outbox.forms import PROMISES

MAX_DOCUMENT = 10 * MEGABYTE


class DocumentField(forms.FileField):
    """A photo or a PDF. The cleaned value is a CheckedUpload, or None."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        widget = forms.FileInput(attrs={"accept": "image/*,application/pdf"})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> CheckedUpload | None:  # noqa: ANN401
        file = super().clean(data, initial)
        if not file:
            return None
        try:
            return check_upload(file, allowed=DOCUMENT_TYPES, max_bytes=MAX_DOCUMENT)
        except ActionError as error:
            raise ValidationError(str(error)) from error


def document_field() -> DocumentField:
    return DocumentField(
        label=gettext_lazy("Photo or PDF"),
        help_text=gettext_lazy(
            "A phone photo of one page is enough. Cover dollar figures and client names first. "
            "Only reviewers and you can open it, and we delete it 90 days after the decision."
        ),
    )


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
    applying_as = forms.ChoiceField(
        label=gettext_lazy("What describes you best?"),
        choices=[
            choice
            for choice in MembershipApplication.ApplyingAs.choices
            if choice[0] != MembershipApplication.ApplyingAs.INDIVIDUAL
        ],
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
    criterion = forms.ModelChoiceField(
        label=gettext_lazy("How does your organization qualify?"),
        queryset=Criterion.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.RadioSelect,
    )
    reference = OneLineField(
        label=gettext_lazy("Name or number, as it is written there"),
        max_length=160,
        required=False,
    )
    document = document_field()
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
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        if organization is not None:
            del self.fields["proposed_name"], self.fields["proposed_city"]
        if criteria:
            codes = [criterion.pk for criterion in criteria]
            self.fields["criterion"].queryset = Criterion.objects.filter(pk__in=codes)
        else:
            del self.fields["criterion"], self.fields["reference"], self.fields["document"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        shown = data.get("reference") or data.get("document")
        if data.get("criterion") and not shown and not self.has_error("document"):
            self.add_error(
                "reference", _("Give the name or number, or a photo of the paper below.")
            )
        if shown and not data.get("criterion") and not self.has_error("criterion"):
            self.add_error("criterion", _("Choose what this paper shows."))
        return data


class AnswerForm(forms.Form):
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
    document = document_field()

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
        self.has_evidence = has_evidence

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        shown = data.get("reference") or data.get("document")
        if shown and not data.get("criterion") and not self.has_evidence:
            self.add_error("criterion", _("Choose what this paper shows."))
        return data
