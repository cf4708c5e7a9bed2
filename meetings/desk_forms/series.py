from django import forms

from meetings.models import MeetingSeries


class SeriesDeskForm(forms.ModelForm):
    class Meta:
        model = MeetingSeries
        fields = [
            "stream", "title", "nth", "weekday", "local_time", "timezone", "duration", "audience",
            "skip_months", "target_count",
        ]  # fmt: skip
