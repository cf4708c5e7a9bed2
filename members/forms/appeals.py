"""The forms of an appeal: what the applicant says, how the panel votes, what it writes down."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from cop.core.formfields import OneLineField
from cop.core.uploads import DOCUMENT_TYPES, CheckedUpload, check_upload
from members.forms.uploads import MAX_DOCUMENT
from members.models import (
    Appeal,
    AppealSeat,
    Criterion,
    Evidence,
    MembershipApplication,
    Organization,
    Site,
)
from members.queries.appeals import organizations_named

MOST_FILES = 5


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class PapersField(forms.FileField):
    """Photos or PDFs, several at once. The cleaned value is a list of CheckedUpload."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        widget = FilesInput(attrs={"accept": "image/*,application/pdf"})
        super().__init__(widget=widget, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[CheckedUpload]:  # noqa: ANN401
        files = data if isinstance(data, list | tuple) else [data]
        kept = [super(PapersField, self).clean(one, initial) for one in files or [None]]
        kept = [one for one in kept if one]
        if len(kept) > MOST_FILES:
            raise ValidationError(_("At most %(most)s papers. Choose those that matter.") % MOST)
        try:
            return [
                check_upload(one, allowed=DOCUMENT_TYPES, max_bytes=MAX_DOCUMENT) for one in kept
            ]
        except ActionError as error:
            raise ValidationError(str(error)) from error


MOST = {"most": MOST_FILES}
PAPERS_HELP = gettext_lazy(
    "A phone photo of one page is enough. Cover dollar figures and client names first. Only the "
    "panel, the coordinator and you can open it, and we delete it 90 days after the decision."
)


class AppealForm(forms.Form):
    """Why the decline should be looked at again. Validates; never saves."""

    ground = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        choices=Appeal.Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the one that fits best.")},
    )
    text = forms.CharField(
        label=gettext_lazy("In your words"),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Please nothing about clients."),
        error_messages={
            "required": gettext_lazy("Say in your words what should be looked at again.")
        },
    )
    documents = PapersField(
        label=gettext_lazy("Photos or PDFs"), required=False, help_text=PAPERS_HELP
    )
    competitor = OneLineField(
        label=gettext_lazy("An organization whose people should not decide"),
        max_length=160,
        required=False,
        help_text=gettext_lazy(
            "If you like. For example a house close by that you compete with. We do not tell them."
        ),
    )
    picked = forms.ChoiceField(
        label=gettext_lazy("Which one do you mean?"), required=False, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.found = organizations_named(str(self.data.get("competitor", "")))
        if len(self.found) < 2:
            del self.fields["picked"]
        else:
            self.fields["picked"].choices = [
                (row.public_id, f"{row.name}, {row.city}" if row.city else row.name)
                for row in self.found
            ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        picked = data.pop("picked", "")
        if data.get("competitor"):
            data["competitor"] = self._meant(picked)
        else:
            data["competitor"] = None
        return data

    def _meant(self, picked: str) -> Organization | None:
        if len(self.found) == 1:
            return self.found[0]
        for row in self.found:
            if row.public_id == picked:
                return row
        if self.found:
            self.add_error("picked", _("Several are called like this. Choose one."))
        else:
            self.add_error(
                "competitor",
                _("We know none of this name. Leave it empty, and name it in your words above."),
            )
        return None


class PaperForm(forms.Form):
    """One more paper for the panel."""

    documents = PapersField(
        label=gettext_lazy("Photos or PDFs"),
        help_text=PAPERS_HELP,
        error_messages={"required": gettext_lazy("Choose a photo or a PDF.")},
    )


class VoteForm(forms.Form):
    vote = forms.ChoiceField(
        label=gettext_lazy("Your vote"),
        choices=AppealSeat.Vote.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the three.")},
    )
    note = forms.CharField(
        label=gettext_lazy("A note to the panel"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Only the panel and the coordinator read it. Please no names of clients, and nothing "
            "about who said what."
        ),
    )


class VerdictForm(forms.Form):
    """The reasons and, where the appeal is upheld, from when and on what evidence."""

    reasons = forms.CharField(
        label=gettext_lazy("Reasons, as the applicant reads them"),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "Plain words: what you looked at, what you found. Nothing about who sat here, or who "
            "told us something."
        ),
        error_messages={
            "required": gettext_lazy("Write the reasons: the applicant reads them in the mail.")
        },
    )
    effective_on = forms.DateField(
        label=gettext_lazy("In force from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "Today if you leave it empty; a later day makes an ally until then."
        ),
    )
    criterion = forms.ModelChoiceField(
        label=gettext_lazy("What the panel has verified"),
        queryset=Criterion.objects.none(),
        required=False,
        empty_label=gettext_lazy("Nothing new: the house is eligible already"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Shown by"),
        choices=Evidence.Kind.choices,
        initial=Evidence.Kind.FUNDING_LETTER,
        required=False,
    )
    site = forms.ModelChoiceField(
        label=gettext_lazy("House or centre"),
        queryset=Site.objects.none(),
        required=False,
        empty_label=gettext_lazy("The organization as a whole"),
    )
    reference = OneLineField(
        label=gettext_lazy("Name or number, as it is written there"),
        max_length=160,
        required=False,
    )
    check_method = forms.ChoiceField(
        label=gettext_lazy("How you checked it"),
        choices=[("", gettext_lazy("Choose one")), *Evidence.Method.choices],
        required=False,
    )
    valid_from = forms.DateField(
        label=gettext_lazy("Holds from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    valid_to = forms.DateField(
        label=gettext_lazy("Holds until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("As it is written there. Empty: by the rule of the criterion."),
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        application: MembershipApplication,
        is_upheld: bool,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        if not is_upheld:
            for name in [name for name in self.fields if name != "reasons"]:
                del self.fields[name]
            return
        active = application.community.criteria.filter(is_active=True)
        self.fields["criterion"].queryset = active.order_by("position", "pk")
        if application.organization is None:
            for name in ("criterion", "kind", "site", "reference", "check_method"):
                del self.fields[name]
            del self.fields["valid_from"], self.fields["valid_to"]
            return
        houses = application.organization.sites.order_by("name", "pk")
        self.fields["site"].queryset = houses
        if not houses.exists():
            del self.fields["site"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("criterion") and not data.get("check_method"):
            self.add_error("check_method", _("Say how the panel checked it."))
        return data

    def finding(self) -> dict[str, Any] | None:
        """What members.actions.appeal_findings.Finding takes, or None."""
        data = self.cleaned_data
        if not data.get("criterion"):
            return None
        names = ("criterion", "check_method", "kind", "reference", "site", "valid_from", "valid_to")
        return {name: data[name] for name in names if data.get(name)}
