from django import forms
from django.utils.translation import gettext_lazy

from outbox.forms import PROMISES


class AcceptForm(forms.Form):
    """What belonging asks of somebody who was invited: the ground rules, and which mail."""

    agreement = forms.BooleanField(
        label=gettext_lazy("I take part in this spirit"),
        error_messages={"required": gettext_lazy("Tick it to go on: it is how we meet here.")},
    )
    lists = forms.MultipleChoiceField(
        label=gettext_lazy("What may we send you?"),
        choices=list(PROMISES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
