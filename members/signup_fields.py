"""Apart from the other account forms: allauth imports this while it is still importing its own."""

from typing import Any

from allauth.core import context as allauth_context
from django import forms
from django.utils.translation import gettext_lazy as _

from cop.core.formfields import OneLineField

SHARED_HELP = _("Then we sign you out when you close the browser.")


def remember_shared(cleaned: dict[str, Any]) -> None:
    """Keep the answer until the sign-in is complete, a code later."""
    request = allauth_context.request
    if request is not None:
        request.session["shared_device"] = bool(cleaned.get("shared_device"))


class SignupFields(forms.Form):
    """What a new account asks besides the address."""

    display_name = OneLineField(
        label=_("Your name"),
        max_length=120,
        help_text=_("As you want others to read it. It need not be your full name."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    shared_device = forms.BooleanField(
        label=_("Other people use this device too"), required=False, help_text=SHARED_HELP
    )

    field_order = ["display_name", "email", "shared_device"]

    def clean(self) -> dict[str, Any]:
        remember_shared(self.cleaned_data)
        return super().clean() or self.cleaned_data

    def signup(self, request: Any, user: Any) -> None:  # noqa: ANN401
        """Nothing more to do: the adapter has taken the name over."""
