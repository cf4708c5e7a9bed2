"""The agenda as staff type it: one row a step, blank rows to add, a tick to leave out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.models import AgendaStep, Meeting, Part, Room, SessionFormat

BLANK = 2
LONGEST = 600


class FormatForm(forms.Form):
    format = forms.ModelChoiceField(
        label=_("Format"), queryset=SessionFormat.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["format"].queryset = SessionFormat.objects.of(meeting.community)


class StepForm(forms.Form):
    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    order = forms.IntegerField(label=_("Order"), required=False, min_value=0, max_value=999)
    title = forms.CharField(label=_("Step"), max_length=160, required=False)
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=1, max_value=LONGEST)
    room = forms.ChoiceField(label=_("Room"), choices=Room.choices, required=False)
    lead = forms.ChoiceField(label=_("Who leads"), choices=Part.choices, required=False)
    is_flexible = forms.BooleanField(label=_("Can be stretched"), required=False)
    leave_out = forms.BooleanField(label=_("Leave out"), required=False)
    instruction = forms.CharField(
        label=_("Instruction"), required=False, max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.is_blank or data.get("leave_out"):
            return data
        if not data.get("title") and "title" not in self.errors:
            self.add_error("title", _("Say what happens in this step, or tick “Leave out”."))
        if not data.get("minutes") and "minutes" not in self.errors:
            self.add_error("minutes", _("How many minutes?"))
        return data

    @property
    def is_blank(self) -> bool:
        """A row at the end that nobody touched."""
        data = self.cleaned_data
        return not data.get("id") and not data.get("title") and not data.get("minutes")


StepFormSet = forms.formset_factory(StepForm, extra=BLANK, max_num=60, absolute_max=60)


def initial_rows(steps: list[AgendaStep]) -> list[dict[str, Any]]:
    names = ("title", "minutes", "room", "lead", "is_flexible", "instruction")
    return [
        {"id": step.pk, "order": 10 * number, **{name: getattr(step, name) for name in names}}
        for number, step in enumerate(steps, start=1)
    ]


def rows_of(formset: Any) -> list[dict[str, Any]]:  # noqa: ANN401  a formset
    """What shall stand there, in the typed order; rows without one go to the end."""
    kept = []
    for number, form in enumerate(formset.forms):
        data = form.cleaned_data
        if not data or form.is_blank or data.get("leave_out"):
            continue
        order = data.get("order")
        kept.append(((order if order is not None else 10_000, number), data))
    kept.sort(key=lambda pair: pair[0])
    names = ("id", "title", "minutes", "room", "lead", "is_flexible", "instruction")
    # Scripts may leave these two out; the form never does.
    usual = {"room": Room.PLENARY, "lead": Part.FACILITATOR}
    return [
        {name: data.get(name) or usual.get(name, data.get(name)) for name in names}
        for _key, data in kept
    ]
