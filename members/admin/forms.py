from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Community, RoleGrant, User


class RoleForm(forms.Form):
    """Who does what, from which day to which, in one community or in several side by side."""

    community = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Community"),
        queryset=Community.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address of the person"),
        help_text=gettext_lazy("They need an account here first."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[("", gettext_lazy("Choose one")), *RoleGrant.Role.choices],
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        help_text=gettext_lazy("Empty: today."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Empty: until somebody ends it."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, communities: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        rows = communities.order_by("name", "pk")
        self.fields["community"].queryset = rows
        if len(rows) == 1:
            self.initial["community"] = [rows[0].pk]
            self.fields["community"].widget = forms.MultipleHiddenInput()

    def clean_email(self) -> User:
        person = User.objects.filter(email=self.cleaned_data["email"], is_active=True).first()
        if person is None:
            raise forms.ValidationError(
                _("We know nobody with this address. Ask them to make an account first.")
            )
        return person
