"""What staff can do with a meeting, in words: the buttons and confirm pages of the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meetings.actions import (
    cancel_meeting,
    delete_draft,
    mark_held,
    replace_door,
    restore_meeting,
    schedule_meeting,
    wrap_meeting,
)
from meetings.desk_forms import (
    CancelForm,
    DoorForm,
    HeldForm,
    PublishForm,
    RestoreForm,
    StepForm,
    WrapForm,
)
from meetings.models import Meeting

State = Meeting.State


def _always(meeting: Meeting, now: datetime) -> bool:
    return True


def _has_begun(meeting: Meeting, now: datetime) -> bool:
    return meeting.starts_at <= now


def _is_to_come(meeting: Meeting, now: datetime) -> bool:
    return meeting.starts_at > now


def _is_not_over(meeting: Meeting, now: datetime) -> bool:
    return meeting.ends_at > now


def _has_a_door(meeting: Meeting, now: datetime) -> bool:
    return meeting.is_online and meeting.ends_at > now


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
    # The button on the page itself, where the label says why one is there and not what happens.
    button: str | Promise = ""
    # The meeting is gone afterwards.
    leaves_nothing: bool = False
    when: Callable[[Meeting, datetime], bool] = _always

    def is_open(self, meeting: Meeting, now: datetime) -> bool:
        return meeting.state in self.from_states and self.when(meeting, now)


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
            name="held",
            label=_("Mark as held"),
            heading=_("Did it take place?"),
            text=_("Then it counts among the meetings of this year."),
            done=_("“%(title)s” is marked as held."),
            from_states=(State.SCHEDULED,),
            form=HeldForm,
            action=mark_held,
            when=_has_begun,
        ),
        Step(
            name="wrap",
            label=_("Wrap up"),
            heading=_("Is everything done?"),
            text=_("A meeting that is wrapped up stays as it is."),
            done=_("“%(title)s” is wrapped up."),
            from_states=(State.HELD,),
            form=WrapForm,
            action=wrap_meeting,
            look="primary",
        ),
        Step(
            name="door",
            label=_("The link got out"),
            heading=_("Replace the join link?"),
            text=_(
                "Every personal join link that we sent so far leads nowhere from that moment on. "
                "Everybody who is coming gets one mail with a new one."
            ),
            done=_("The link of “%(title)s” is new, and the old ones are dead."),
            from_states=(State.SCHEDULED,),
            form=DoorForm,
            button=_("Replace the link"),
            action=replace_door,
            when=_has_a_door,
        ),
        Step(
            name="restore",
            label=_("It takes place after all"),
            heading=_("Does it take place after all?"),
            text=_("Everybody who was told that it is cancelled gets one mail."),
            done=_("“%(title)s” takes place."),
            from_states=(State.CANCELLED,),
            form=RestoreForm,
            action=restore_meeting,
            look="primary",
            when=_is_to_come,
        ),
        Step(
            name="cancel",
            label=_("Cancel the meeting"),
            heading=_("Cancel this meeting?"),
            text=_(
                "Until the time it would begin you can take this back. People then get another "
                "mail."
            ),
            done=_("“%(title)s” is cancelled."),
            from_states=(State.DRAFT, State.SCHEDULED),
            form=CancelForm,
            action=cancel_meeting,
            look="danger",
            when=_is_not_over,
        ),
        Step(
            name="drop",
            label=_("Delete the draft"),
            heading=_("Delete this draft?"),
            text=_(
                "Its agenda and its roles go with it, and it cannot be taken back. Where it was "
                "made by a series, its day is free again."
            ),
            done=_("The draft “%(title)s” is deleted."),
            from_states=(State.DRAFT,),
            form=StepForm,
            action=delete_draft,
            look="danger",
            leaves_nothing=True,
        ),
    ]
}
