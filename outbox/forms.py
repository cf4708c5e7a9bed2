from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from outbox.addresses import sendable_address
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


class SubscribeForm(forms.Form):
    """An address for the newsletter, and a field that only machines fill in."""

    address = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        error_messages={
            "required": _("Tell us where to send it."),
            "invalid": _("Look again: an address reads like name@place.ca."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.CharField(required=False)

    def clean_address(self) -> str:
        address = self.cleaned_data["address"].lower()
        try:
            sendable_address(address)
        except ValueError as error:
            raise ValidationError(self.fields["address"].error_messages["invalid"]) from error
        return address

    @property
    def is_from_a_person(self) -> bool:
        return not self.cleaned_data["website"]
