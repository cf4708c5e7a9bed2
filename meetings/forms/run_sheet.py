from django import forms
from django.utils.translation import gettext_lazy as _


class StepNoteForm(forms.Form):
    """What was noted at one step. `version`: the one that the writer saw."""

    step = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    note = forms.CharField(
        required=False,
        max_length=10_000,
        error_messages={
            "max_length": _("This note is too long: %(limit_value)d letters fit. Shorten it."),
        },
    )
