from django import forms
from django.utils.translation import gettext_lazy as _


class MeetingChoicesForm(forms.Form):
    """How one person wants to hear of meetings."""

    has_discreet_titles = forms.BooleanField(
        label=_("Discreet entries in my calendar"),
        help_text=_(
            "Entries then say “CoP meeting” and no more: no title, no place, no name of the "
            "community. Good for a calendar that colleagues can see. What is in your calendar "
            "by mail already keeps its words until the meeting changes."
        ),
        required=False,
    )
    wants_link_mail = forms.BooleanField(
        label=_("A mail with the join link half an hour before"),
        help_text=_("Without it you find the link in the mail of the day before, and on the page."),
        required=False,
    )
