from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from outbox.addresses import LONGEST_LOCAL_PART, sendable_address
from outbox.choices import PAUSES
from outbox.wordings import PROMISES

__all__ = ["PROMISES", "MailChoicesForm", "SubscribeForm"]


class MailChoicesForm(forms.Form):
    """Which button was pressed, and what was ticked. Validates; never saves.

    Drawn by hand in outbox/_choices.html: each button is a form of its own.
    """

    do = forms.ChoiceField(
        choices=[
            (one, one) for one in ("save", "fewer", "each", "pause", "resume", "keep", "stop")
        ],
        required=False,
    )
    # What was ticked when the page was drawn: a forgotten window must not undo a newer choice.
    seen = forms.CharField(max_length=200, required=False)
    weeks = forms.TypedChoiceField(
        choices=[(weeks, weeks) for weeks in PAUSES], coerce=int, empty_value=4, required=False
    )

    def __init__(self, *args: Any, offered: list[str], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["lists"] = forms.MultipleChoiceField(
            choices=[(kind, kind) for kind in offered], required=False
        )

    def clean_do(self) -> str:
        return self.cleaned_data["do"] or "save"

    def what(self, current: set[str]) -> str:
        """The button. Ticking anew where nothing came is a fresh start, taking back is none."""
        do = self.cleaned_data["do"]
        return "start" if do == "save" and "seen" in self.data and not current else do

    def is_stale(self, current: set[str]) -> bool:
        """Drawn before another window changed the choice, and not asking for what is so anyway."""
        if self.cleaned_data["do"] != "save" or "seen" not in self.data:
            return False
        return set(self.cleaned_data["seen"].split()) != current != set(self.cleaned_data["lists"])


class SubscribeForm(forms.Form):
    """An address for the newsletter, and a field that only machines fill in."""

    address = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        error_messages={
            "required": _("Tell us where to send it."),
            "invalid": _("Look again: an address reads like name@place.ca."),
            "too_long": _("Look again: the part before the @ can have 64 letters at most."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.CharField(required=False)

    def clean_address(self) -> str:
        address = self.cleaned_data["address"].lower()
        told = self.fields["address"].error_messages
        if len(address.rpartition("@")[0]) > LONGEST_LOCAL_PART:
            raise ValidationError(told["too_long"], code="too_long")
        try:
            sendable_address(address)
        except ValueError as error:
            raise ValidationError(told["invalid"], code="invalid") from error
        return address

    @property
    def is_from_a_person(self) -> bool:
        return not self.cleaned_data["website"]
