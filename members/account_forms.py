from typing import Any

from allauth.account.forms import LoginForm, RequestLoginCodeForm, SignupForm
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from members.signup_fields import SHARED_HELP, remember_shared

# RFC 5321: no mailbox can have a longer one.
LONGEST_ADDRESS = 254


class RequestCodeForm(RequestLoginCodeForm):
    """Sign-in without a password: an address, and whether others use this device too."""

    shared_device = forms.BooleanField(
        label=_("Other people use this device too"), required=False, help_text=SHARED_HELP
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        _say_address(self.fields["email"])

    def clean(self) -> dict[str, Any]:
        # Set before the code is made: the link in the mail carries it along.
        remember_shared(self.cleaned_data)
        return super().clean()


class PasswordForm(LoginForm):
    """For those who set up a password. allauth would drop the field, as joining asks for none."""

    shared_device = forms.BooleanField(
        label=_("Other people use this device too"), required=False, help_text=SHARED_HELP
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        _say_address(self.fields["login"])

    def _setup_password_field(self) -> None:
        self.fields["password"].required = True

    def clean(self) -> dict[str, Any]:
        remember_shared(self.cleaned_data)
        return super().clean()


class NewAccountForm(SignupForm):
    """A name and an address; the rest stands in members.signup_fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        _say_address(self.fields["email"])


def _say_address(field: forms.Field) -> None:
    """The same words everywhere, and no second label inside the field."""
    field.label = _("E-mail address")
    field.max_length = LONGEST_ADDRESS
    field.validators.append(MaxLengthValidator(LONGEST_ADDRESS))
    field.widget.attrs["maxlength"] = LONGEST_ADDRESS
    field.widget.attrs.pop("placeholder", None)
