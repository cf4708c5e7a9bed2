from django import forms
from django.utils.translation import gettext_lazy as _


class ScheduleForm(forms.Form):
    """Day and hour on the wall clock of the community."""

    day = forms.DateField(
        label=_("Day"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    wall = forms.TimeField(
        label=_("Hour"),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    confirmed = forms.BooleanField(required=False)
