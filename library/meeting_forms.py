"""The form for what comes out of a meeting: the usual one, with words and people from there."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from library.forms import ResourceForm
from library.models import Resource, Visibility
from library.queries.from_meeting import Candidate, candidates, first_words, visibilities
from meetings.models import Meeting


class FromMeetingForm(ResourceForm):
    people = forms.MultipleChoiceField(
        label=_("Who is in it"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("The librarian asks each of them before anybody sees it."),
    )  # fmt: skip
    approved = forms.BooleanField(
        label=_("The facilitator has read it and agrees"), required=False,
        help_text=_("It says what was said, and not who said it."),
    )  # fmt: skip

    def __init__(self, *args: Any, meeting: Meeting, kind: str, **kwargs: Any) -> None:  # noqa: ANN401
        self.kind = kind
        self.candidates = {one.key: one for one in candidates(meeting, kind)}
        kwargs["initial"] = first_words(meeting, kind) | {"people": list(self.candidates)}
        super().__init__(*args, **kwargs)
        # What it is has been chosen before.
        del self.fields["kind"]
        self.fields["people"].choices = [(one.key, one.who) for one in self.candidates.values()]
        self.fields["visibility"].choices = [
            (one, Visibility(one).label) for one in visibilities(meeting)
        ]
        if not self.candidates:
            del self.fields["people"]
        if kind != Resource.Kind.MEETING_NOTES:
            del self.fields["approved"]

    def clean_approved(self) -> bool:
        if not self.cleaned_data["approved"]:
            raise forms.ValidationError(
                _("Show it to the facilitator first, then tick this and send it.")
            )
        return True

    def values(self) -> dict[str, Any]:
        data = super().values()
        data.pop("approved", None)
        keys = data.pop("people", [])
        chosen: list[Candidate] = [self.candidates[key] for key in keys]
        return {**data, "people": chosen}
