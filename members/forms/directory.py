from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cop.core.formfields import OneLineField
from members.models import DirectoryProfile

# Languages people offer to talk in, by their own names. More can be typed.
MOST_LANGUAGES = 8


class LanguagesField(OneLineField):
    """Some languages, parted by commas; any spelling. The cleaned value is a list."""

    def clean(self, value: Any) -> list[str]:  # noqa: ANN401
        text = super().clean(value)
        names = [" ".join(one.split())[:40] for one in text.replace(";", ",").split(",")]
        return list(dict.fromkeys(name for name in names if name))[:MOST_LANGUAGES]

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401
        return ", ".join(value) if isinstance(value, list) else value


class ProfileSwitchesForm(forms.Form):
    """Each field its own switch; nothing is on beforehand (DP1)."""

    is_listed = forms.BooleanField(
        label=_("List me in the directory"),
        required=False,
        help_text=_("Members of this community see your name and what you switch on below."),
    )
    shows_role = forms.BooleanField(label=_("Show my role"), required=False)
    shows_organization = forms.BooleanField(label=_("Show my organization"), required=False)
    shows_region = forms.BooleanField(label=_("Show my city or region"), required=False)
    shows_languages = forms.BooleanField(label=_("Show my languages"), required=False)
    takes_messages = forms.BooleanField(
        label=_("Members may write to me"),
        required=False,
        help_text=_("By a form here. Your address is not shown, and neither is theirs."),
    )
    pronouns = OneLineField(label=_("Pronouns"), max_length=40, required=False)
    languages = LanguagesField(
        label=_("Languages I speak"),
        max_length=200,
        required=False,
        help_text=_("Parted by commas."),
    )
    ask_me_about = OneLineField(
        label=_("Ask me about"),
        max_length=300,
        required=False,
        help_text=_("What you know and like to share. For example: night rosters, grant reports."),
    )
    looking_for = OneLineField(label=_("I am looking for"), max_length=300, required=False)

    @staticmethod
    def initial_of(profile: DirectoryProfile | None) -> dict[str, Any]:
        names = ProfileSwitchesForm.base_fields
        return {name: getattr(profile, name) for name in names} if profile else {}


class LetterForm(forms.Form):
    words = forms.CharField(
        label=_("Your message"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("It goes out by mail and is not kept here. Please nothing about clients."),
    )
