from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cop.core.formfields import OneLineField
from cop.core.time import zone_choices


class ProfileForm(forms.Form):
    """One's own name, language and clock."""

    display_name = OneLineField(
        label=_("Your name"),
        max_length=120,
        help_text=_("As you want others to read it. It need not be your full name."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    timezone = forms.ChoiceField(
        label=_("Your time zone"),
        choices=zone_choices,
        help_text=_("Meetings and reminders follow this clock."),
    )
