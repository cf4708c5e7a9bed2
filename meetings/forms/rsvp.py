from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.models import Rsvp


class AccessNeedForm(forms.Form):
    """Asked of people who come, and of nobody else."""

    access_need = forms.CharField(
        label=_("What do you need to take part? (optional)"),
        help_text=_(
            "Captions, sign language, a door without steps. Only the facilitator and the "
            "coordinators read it, and we delete it 30 days after the meeting."
        ),
        max_length=Rsvp._meta.get_field("access_need").max_length,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "max_length": _("Please use at most %(limit_value)d signs; now it is %(show_value)d."),
        },
    )
