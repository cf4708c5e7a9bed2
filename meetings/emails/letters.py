"""The letters to people who answered: what was said, moved, called off, and the reminders."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import Email, render_email
from cop.core.text import localized
from meetings import ics
from meetings.access import is_watched
from meetings.links import join_url, rsvp_url
from meetings.models import Meeting, Rsvp
from members.mailing import footer
from members.models import User
from outbox.actions import Outgoing, queue_emails
from outbox.models import Purpose

LINK_BEFORE = timedelta(minutes=30)
GOING = _("You get this because you said you would come to this meeting.")
WAITING = _("You get this because you are in line for a seat in this meeting.")


@dataclass(frozen=True)
class Letter:
    """A rendered mail to one person about one meeting, ready to be queued under a key."""

    meeting: Meeting
    person: User
    kind: str
    email: Email
    purpose: Purpose = Purpose.TRANSACTIONAL

    def queue(
        self, key: str, *, due_at: datetime | None = None, expires_at: datetime, held: str = ""
    ) -> bool:
        """Leave it in the outbox. True if it was new. `held`: why it waits for a release."""
        mail = self.outgoing(key, due_at=due_at, expires_at=expires_at, held=held)
        return queue_emails([mail]) == 1

    def outgoing(
        self, key: str, *, due_at: datetime | None = None, expires_at: datetime, held: str = ""
    ) -> Outgoing:
        """For many at once: queue_emails takes a list of these."""
        community = self.meeting.community
        return Outgoing(
            key=key,
            kind=self.kind,
            purpose=self.purpose,
            email=self.email,
            person=self.person,
            scope=community.public_id,
            due_at=due_at,
            expires_at=expires_at,
            reply_to=community.contact_email,
            sender_name=localized(community, "name", self.person.language),
            held=held,
        )


def rsvp_confirmed(meeting: Meeting, person: User, *, now: datetime) -> Letter:
    # Who says yes in the last half hour gets no reminder any more: this mail brings the link.
    is_soon = meeting.starts_at - now < LINK_BEFORE
    return _letter("rsvp_confirmed", meeting, person, state=Rsvp.State.GOING, show_link=is_soon)


def promoted(meeting: Meeting, person: User) -> Letter:
    return _letter("promoted", meeting, person, state=Rsvp.State.GOING)


def changed(rsvp: Rsvp, meeting: Meeting) -> Letter:
    return _letter("changed", meeting, rsvp.person, state=rsvp.state, rsvp=rsvp)


def changed_clock(rsvp: Rsvp, meeting: Meeting) -> Letter:
    """The clock rules changed, the meeting did not: only the calendar entry is put right (TZ4)."""
    return _letter("changed_clock", meeting, rsvp.person, state=rsvp.state, rsvp=rsvp)


def cancelled(rsvp: Rsvp, meeting: Meeting, make_up: Meeting | None = None) -> Letter:
    """`make_up`: the meeting that is planned in its place, where there is one."""
    return _letter("cancelled", meeting, rsvp.person, state=rsvp.state, make_up=make_up)


def restored(rsvp: Rsvp, meeting: Meeting) -> Letter:
    return _letter("restored", meeting, rsvp.person, state=rsvp.state)


def link_replaced(rsvp: Rsvp, meeting: Meeting) -> Letter:
    """The personal join link goes to who comes, and to nobody else (MT8)."""
    mine = join_url(meeting, rsvp.person) if rsvp.state == Rsvp.State.GOING else ""
    return _letter("link_replaced", meeting, rsvp.person, state=rsvp.state, my_join_url=mine)


def reminder(rsvp: Rsvp, kind: str) -> Letter:
    """`kind`: day_before or link."""
    return _letter(
        f"reminder_{kind}",
        rsvp.meeting,
        rsvp.person,
        state=rsvp.state,
        purpose=Purpose.REMINDER,
        # Who wants no mail at the door has the way in here (forms/choices.py says so).
        show_link=kind == "link" or not wants_link(rsvp.person),
    )


def wants_link(person: User) -> bool:
    """Half an hour before, by their choice; nobody who chose nothing goes without."""
    choices = getattr(person, "meeting_choices", None) if person.pk else None
    return choices is None or choices.wants_link_mail


def _letter(
    name: str,
    meeting: Meeting,
    person: User,
    *,
    state: str,
    purpose: Purpose = Purpose.TRANSACTIONAL,
    **extra: Any,  # noqa: ANN401  whatever the template needs besides
) -> Letter:
    is_going = state == Rsvp.State.GOING
    why = WAITING if state == Rsvp.State.WAITLISTED else GOING
    with translation.override(person.language):
        calendar, method = _calendar_part(name, meeting, person, state)
        context = {
            "community": meeting.community,
            "meeting": meeting,
            "person": person,
            "zone": person.timezone,
            "is_going": is_going,
            "is_waiting": state == Rsvp.State.WAITLISTED,
            "is_watched": name != "cancelled" and is_watched(meeting),
            "must_confirm": state == Rsvp.State.NEEDS_CONFIRMATION,
            "rsvp_url": rsvp_url(meeting, person),
            # Never the address itself: the link checks who comes, and dies when it leaked (MT8).
            "join_link": join_url(meeting, person) if is_going and meeting.join_url else "",
            "meeting_url": absolute(meeting.get_absolute_url()),
            "list_url": absolute(reverse("meetings:meeting_list", args=[meeting.community.slug])),
            **footer(meeting.community, language=person.language, why=str(why), can_stop=False),
            **extra,
        }
        email = render_email(
            f"meetings/email/{name}",
            context,
            language=person.language,
            calendar=calendar,
            method=method,
        )
    return Letter(meeting, person, name, email, purpose)


def _calendar_part(name: str, meeting: Meeting, person: User, state: str) -> tuple[str, str]:
    """Reminders carry none: the entry has long been in the calendar. Who waits gets none yet."""
    if name.startswith("reminder") or state == Rsvp.State.WAITLISTED:
        return "", ""
    if name == "cancelled":
        return ics.cancellation(meeting, person), "CANCEL"
    return ics.invitation(meeting, person, state), "REQUEST"
