"""What the holder of a part types on their page."""

from django import forms
from django.utils.translation import gettext_lazy as _


class BriefForm(forms.Form):
    """All of it may stay open: it is kept half written too."""

    context = forms.CharField(
        label=_("The situation"), required=False, max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Where you work, what is going on. No client details, no names."),
    )  # fmt: skip
    tried = forms.CharField(
        label=_("What I tried"), required=False, max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    question = forms.CharField(
        label=_("My question in one sentence"), required=False, max_length=300,
        help_text=_("How do I …?"),
    )  # fmt: skip
