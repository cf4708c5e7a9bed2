"""What we say to a person about their answer."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings.models import Rsvp
from meetings.queries import place_in_line


def say_answer(rsvp: Rsvp) -> str:
    """What happened, then what can be done."""
    if rsvp.state == Rsvp.State.WAITLISTED:
        return say_waiting(rsvp)
    return {
        Rsvp.State.GOING: _(
            "You are coming, and we are sending you a mail with the calendar entry. You can change "
            "your answer until the meeting starts."
        ),
        Rsvp.State.NOT_GOING: _(
            "Thank you for telling us. If your plans change, come back to this page."
        ),
        Rsvp.State.SEND_MATERIALS: _(
            "We will send you the materials after the meeting. If your plans change, come back "
            "to this page."
        ),
    }.get(Rsvp.State(rsvp.state), _("The time of this meeting moved. Please answer once more."))


def say_waiting(rsvp: Rsvp) -> str:
    """All 24 seats are taken. You are number 3 in line; …"""
    seats = rsvp.meeting.capacity or 0
    taken = ngettext("The one seat is taken.", "All %(n)d seats are taken.", seats) % {"n": seats}
    line = _(
        "You are number %(place)d in line; we will write to you the moment a seat is free."
    ) % {"place": place_in_line(rsvp)}
    return f"{taken} {line}"
