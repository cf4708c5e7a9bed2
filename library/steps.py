"""What a librarian can do with a resource, in words: the buttons and pages of the desk."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from library.models import Resource

Kind, State = Resource.Kind, Resource.State


@dataclass(frozen=True)
class Step:
    name: str
    label: str | Promise
    heading: str | Promise
    text: str | Promise
    done: str | Promise
    from_states: tuple[str, ...]
    # reason, successor, content, checks or nothing
    asks: str = "reason"
    look: str = "plain"
    # Only where there are earlier versions.
    of_versions: bool = False


STEPS = {
    step.name: step
    for step in [
        Step(
            name="publish",
            label=_("Publish"),
            heading=_("Put it in the library?"),
            text=_("Everybody it is meant for can find it then. Its sender gets a mail."),
            done=_("“%(title)s” is in the library now."),
            from_states=(State.IN_REVIEW,),
            asks="checks",
            look="primary",
        ),
        Step(
            name="confirm",
            label=_("Still right"),
            heading=_("Does it still hold?"),
            text=_("It leaves the queue, and comes back when its next review is due."),
            done=_("“%(title)s” was looked at. Thank you."),
            from_states=Resource.SHOWN_STATES,
            asks="nothing",
        ),
        Step(
            name="version",
            label=_("Put in a new version"),
            heading=_("Put in a new version?"),
            text=_("The present one stays readable below it, with your line on what changed."),
            done=_("“%(title)s” has a new version. The earlier one stays readable."),
            from_states=Resource.SHOWN_STATES,
            asks="content",
        ),
        Step(
            name="supersede",
            label=_("Replace it"),
            heading=_("Which one takes its place?"),
            text=_("Whoever opens the old address is led to the new one."),
            done=_("“%(title)s” is replaced. Its address leads to the new one."),
            from_states=Resource.SHOWN_STATES,
            asks="successor",
        ),
        Step(
            name="archive",
            label=_("Put it away"),
            heading=_("Put it away?"),
            text=_("Nobody finds or opens it any more. You can bring it back here."),
            done=_("“%(title)s” is put away."),
            from_states=Resource.SHOWN_STATES,
        ),
        Step(
            name="restore",
            label=_("Bring it back"),
            heading=_("Bring it back into the library?"),
            text=_("Everybody it is meant for can find it again."),
            done=_("“%(title)s” is in the library again."),
            from_states=(State.SUPERSEDED, State.WITHDRAWN, State.ARCHIVED),
            asks="nothing",
        ),
        Step(
            name="return",
            label=_("Send it back"),
            heading=_("Send it back with a question?"),
            text=_("Its sender gets your words by mail and can change it and send it again."),
            done=_("“%(title)s” went back to its sender."),
            from_states=(State.IN_REVIEW,),
        ),
        Step(
            name="withdraw",
            label=_("Take it out"),
            heading=_("Take it out of the library?"),
            text=_("Its address stays and shows your reason to those who could read it."),
            done=_("“%(title)s” is out of the library. Its address shows your reason."),
            from_states=Resource.SHOWN_STATES,
            look="danger",
        ),
        Step(
            name="drop-versions",
            label=_("Throw earlier versions away"),
            heading=_("Throw all earlier versions away?"),
            text=_(
                "They and their files are gone for good. Do it when somebody may not be read or "
                "seen in them any more. The present version stays."
            ),
            done=_("Earlier versions of “%(title)s” are gone."),
            from_states=tuple(State.values),
            look="danger",
            of_versions=True,
        ),
    ]
}
# What only a person can check before a resource of this kind goes out.
CHECKS = {
    Kind.RECORDING: [
        _("Everybody who can be seen or heard said yes to the recording."),
        _("It has captions or a transcript, and shows only the part that was announced."),
    ],
    Kind.CASE_STUDY: [
        _("Nobody can be recognized: no names, dates, places or rare details."),
        _("The organization said yes."),
    ],
    Kind.MEETING_NOTES: [
        _("It says what was said, not who said it."),
        _("The facilitator has seen it."),
    ],
}
