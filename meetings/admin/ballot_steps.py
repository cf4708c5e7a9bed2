"""What staff can do with a vote, in words, and the pages that ask once more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meetings.actions.ballots import (
    cancel_ballot,
    confirm_ballot,
    extend_ballot,
    unconfirm_ballot,
)
from meetings.desk_forms.ballots import BallotStepForm, CallOffForm, ExtendForm
from meetings.models import Ballot

State = Ballot.State


def _is_plain_draft(ballot: Ballot, now: datetime) -> bool:
    return ballot.state == State.DRAFT and ballot.confirmed_at is None


def _is_planned(ballot: Ballot, now: datetime) -> bool:
    return ballot.state == State.DRAFT and ballot.confirmed_at is not None


def _is_running(ballot: Ballot, now: datetime) -> bool:
    return ballot.state == State.OPEN and ballot.closes_at > now


def _can_be_called_off(ballot: Ballot, now: datetime) -> bool:
    return ballot.state in {State.DRAFT, State.OPEN, State.CLOSED}


@dataclass(frozen=True)
class BallotStep:
    name: str
    label: str | Promise
    heading: str | Promise
    text: str | Promise
    done: str | Promise
    is_open: Callable[[Ballot, datetime], bool]
    action: Callable[..., Any]
    form: type[BallotStepForm] = BallotStepForm
    look: str = "plain"

    def take(self, ballot: Ballot, by: Any, data: dict[str, Any]) -> None:  # noqa: ANN401
        self.action(ballot=ballot, by=by, now=timezone.now(), **data)


def _unconfirm(*, ballot: Ballot, by: Any, now: datetime) -> Ballot:  # noqa: ANN401
    return unconfirm_ballot(ballot=ballot, by=by)


STEPS = {
    step.name: step
    for step in [
        BallotStep(
            name="open", label=_("Open the vote"), heading=_("Open this vote?"),
            text=_("From then on its topics and its method stay as they are. The end can only "
                   "move to a later day."),
            done=_("“%(title)s” is on its way: it opens at its hour."),
            is_open=_is_plain_draft, action=confirm_ballot, look="primary",
        ),
        BallotStep(
            name="hold", label=_("Do not open it yet"), heading=_("Take the opening back?"),
            text=_("Nobody has seen it. It is a draft again, and opens only when you say so."),
            done=_("“%(title)s” is a draft again."),
            is_open=_is_planned, action=_unconfirm,
        ),
        BallotStep(
            name="extend", label=_("Give more time"), heading=_("Until when?"),
            text=_("A vote never gets shorter: people rely on the day they read."),
            done=_("“%(title)s” is open for longer now."),
            is_open=_is_running, action=extend_ballot, form=ExtendForm,
        ),
        BallotStep(
            name="cancel", label=_("Call it off"), heading=_("Call this vote off?"),
            text=_("All dots are deleted, and its topics are open again. This cannot be taken "
                   "back."),
            done=_("“%(title)s” is called off."),
            is_open=_can_be_called_off, action=cancel_ballot, form=CallOffForm, look="danger",
        ),
    ]
}  # fmt: skip


def open_steps(ballot: Ballot, now: datetime) -> list[BallotStep]:
    return [step for step in STEPS.values() if step.is_open(ballot, now)]
