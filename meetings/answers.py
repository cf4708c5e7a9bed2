"""What we say to a person about their answer."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings.models import Meeting, Rsvp
from meetings.queries import place_in_line


def say_answer(rsvp: Rsvp) -> str:
    """What happened, then what can be done."""
    return {
        # The number stands on the page that follows, where it is counted.
        Rsvp.State.WAITLISTED: _(
            "All seats are taken, so you are in line now. We will write to you the moment a seat "
            "is free."
        ),
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


def can_ask_access(meeting: Meeting, now: datetime) -> bool:
    """Captions and sign language take days to book; the day counts where the meeting lives."""
    today = now.astimezone(ZoneInfo(meeting.timezone)).date()
    return meeting.access_by is not None and today <= meeting.access_by


def say_need_noted(need: str) -> str:
    if not need:
        return _("We have deleted what you told us. You can tell us again until the meeting.")
    return _("Thank you. The facilitator and the coordinators see what you need, and nobody else.")


def say_minutes(minutes: int) -> str:
    """2 hours 15 minutes."""
    hours, rest = divmod(minutes, 60)
    words = [ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}] if hours else []
    if rest or not hours:
        words.append(ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest})
    return " ".join(words)
