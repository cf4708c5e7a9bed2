"""What people type after a meeting: feedback, notes, what happened. Nothing is saved here."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.models import Feedback, MeetingNotes

LONGEST = 2_000
STEPS = [("5", "5"), ("4", "4"), ("3", "3"), ("2", "2"), ("1", "1")]


class FeedbackForm(forms.Form):
    """Every question may stay open; the action asks for one answer at least."""

    worth = forms.TypedChoiceField(
        label=_("It was worth my time"), choices=STEPS, coerce=int, empty_value=None,
        required=False, widget=forms.RadioSelect,
        help_text=_("5: very much so. 1: not at all."),
    )  # fmt: skip
    will_use = forms.ChoiceField(
        label=_("I will use something from it"), choices=Feedback.Use.choices, required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    use_what = forms.CharField(
        label=_("What will you use?"), max_length=LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    felt_safe = forms.TypedChoiceField(
        label=_("I felt safe to speak"), choices=STEPS, coerce=int, empty_value=None,
        required=False, widget=forms.RadioSelect,
        help_text=_("5: very much so. 1: not at all."),
    )  # fmt: skip
    change = forms.CharField(
        label=_("One thing to change"), max_length=LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    topic_wish = forms.CharField(
        label=_("What should we talk about another time?"), max_length=140, required=False,
        help_text=_("It becomes a topic without a name."),
    )  # fmt: skip
    wants_a_look = forms.BooleanField(
        label=_("Somebody should look into what I wrote"), required=False,
        help_text=_("A coordinator reads it soon. They still do not learn who wrote it."),
    )  # fmt: skip


class NotesForm(forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    class Meta:
        model = MeetingNotes
        fields = ["questions", "ideas", "resources", "may_share"]
        labels = {
            "questions": _("Questions raised"),
            "ideas": _("Ideas"),
            "resources": _("Resources named"),
            "may_share": _("What may be shared"),
        }
        help_texts = {
            "questions": _("In the words of the meeting. No names, no houses, no clients."),
            "ideas": _("One in a line."),
            "resources": _("Titles and links."),
            "may_share": _("What the group said may leave the room."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for name in self.Meta.fields:
            self.fields[name].widget.attrs["rows"] = 4
            self.fields[name].max_length = 20_000


class OutcomeForm(forms.Form):
    text = forms.CharField(
        label=_("What happened?"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Two sentences are enough. No names, no houses, no clients."),
    )  # fmt: skip
    may_be_shared = forms.BooleanField(
        label=_("Members may read it on the page of the meeting"), required=False,
        help_text=_("Without this, only those who prepared the meeting read it."),
    )  # fmt: skip
