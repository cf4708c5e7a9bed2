"""What staff can do with a meeting, in words: the buttons and confirm pages of the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meetings.actions import cancel_meeting, mark_held, schedule_meeting
from meetings.desk_forms import CancelForm, HeldForm, PublishForm
from meetings.models import Meeting

State = Meeting.State


@dataclass(frozen=True)
class Step:
    name: str
    label: str | Promise
    heading: str | Promise
    text: str | Promise
    done: str | Promise
    from_states: tuple[str, ...]
    form: type[forms.Form]
    action: Callable[..., Any]
    # How the button looks: primary, danger or plain.
    look: str = "plain"


STEPS = {
    step.name: step
    for step in [
        Step(
            name="publish",
            label=_("Announce"),
            heading=_("Announce this meeting?"),
            text=_("From now on people see it and can answer."),
            done=_("“%(title)s” is announced. People can answer now."),
            from_states=(State.DRAFT,),
            form=PublishForm,
            action=schedule_meeting,
            look="primary",
        ),
        Step(
            name="cancel",
            label=_("Cancel the meeting"),
            heading=_("Cancel this meeting?"),
            text=_("It cannot be taken back."),
            done=_("“%(title)s” is cancelled."),
            from_states=(State.DRAFT, State.SCHEDULED),
            form=CancelForm,
            action=cancel_meeting,
            look="danger",
        ),
        Step(
            name="held",
            label=_("Mark as held"),
            heading=_("Did it take place?"),
            text=_("Then it counts among the meetings of this year."),
            done=_("“%(title)s” is marked as held."),
            from_states=(State.SCHEDULED,),
            form=HeldForm,
            action=mark_held,
        ),
    ]
}
