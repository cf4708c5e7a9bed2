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
    needs_reason: bool = True


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
            needs_reason=False,
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
    Kind.BEST_PRACTICE: [_("It says where it was used, by whom, and where it does not fit.")],
    Kind.GUIDELINE: [_("It names its publisher and edition.")],
    Kind.TOOL: [_("The rights allow others to use it.")],
    Kind.POLICY_STATEMENT: [_("The members endorsed it, or it is marked as somebody else's.")],
}
