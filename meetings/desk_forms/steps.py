"""What a step of a meeting's life asks for, on its own page."""

from datetime import time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cop.core.time import clock_gap, say_clock, to_instant
from meetings.models import Meeting
from meetings.queries.readiness import SHORTEST_NOTICE

Outcome = Meeting.Outcome


class StepForm(forms.Form):
    """Asks nothing by itself; knows its meeting."""

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.meeting = meeting


class PublishForm(StepForm):
    short_notice_is_fine = forms.BooleanField(
        label=_("Short notice is fine this time"), required=False,
        help_text=_("People plan their shifts; under two days many cannot come."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if self.meeting.starts_at - timezone.now() >= SHORTEST_NOTICE:
            del self.fields["short_notice_is_fine"]


class CancelForm(StepForm):
    reason = forms.CharField(
        label=_("Why"), max_length=200, widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("Your words, as everybody who wanted to come will read them."),
    )  # fmt: skip
    make_up_date = forms.DateField(
        label=_("Make-up day"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("If you know a new day already: the mail names it, and a draft with the same "
                    "agenda and people waits for you."),
    )  # fmt: skip
    make_up_time = forms.TimeField(
        label=_("Starts at (wall clock)"), required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Empty: at the same hour."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day, at = data.get("make_up_date"), data.get("make_up_time")
        if day is None:
            if at and "make_up_date" not in self.errors:
                self.add_error("make_up_date", _("Say on which day."))
            return data
        at, zone = at or self.meeting.local_time, self.meeting.timezone
        if gap := clock_gap(day, at, zone):
            self.add_error("make_up_time", say_gap(at, gap))
        elif to_instant(day, at, zone) <= timezone.now():
            told = _("The make-up day has gone by. Choose a day that is still to come.")
            self.add_error("make_up_date", told)
        return data


def say_gap(at: time, shown: time) -> str:
    told = _(
        "The clocks go forward that day and jump over %(wanted)s: it does not exist. Choose "
        "%(shown)s, for example, or a time before the jump."
    )
    return told % {"wanted": say_clock(at), "shown": say_clock(shown)}


class RestoreForm(StepForm):
    pass


class HeldForm(StepForm):
    pass


class WrapForm(StepForm):
    """Only what is still open is asked."""

    no_notes = forms.BooleanField(label=_("There are no notes"), required=False)
    recording = forms.ChoiceField(
        label=_("Recording"), required=False, widget=forms.RadioSelect,
        choices=[(Outcome.NONE, _("There is none")), (Outcome.PUBLISHED, _("It is published"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if self.meeting.notes_outcome != Outcome.OPEN:
            del self.fields["no_notes"]
        was_to_be = self.meeting.recording_policy != Meeting.Recording.NONE
        if self.meeting.recording_outcome != Outcome.OPEN or not was_to_be:
            del self.fields["recording"]


class DoorForm(StepForm):
    join_url = forms.URLField(
        label=_("New join link"), assume_scheme="https", max_length=200,
        help_text=_("Make it at the video service first, and close the old room there."),
    )  # fmt: skip
    dial_in = forms.CharField(
        label=_("New dial-in number and code"), required=False, max_length=120,
        help_text=_("The old code got out with the link. Empty: nobody can dial in."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("join_url") and data["join_url"] == self.meeting.join_url:
            told = _("This is the link that got out. Make a new one at the video service.")
            self.add_error("join_url", told)
        if data.get("dial_in") and data["dial_in"] == self.meeting.dial_in:
            told = _("This dial-in code got out too. Make a new one, or leave the field empty.")
            self.add_error("dial_in", told)
        return data
