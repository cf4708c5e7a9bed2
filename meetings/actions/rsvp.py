from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings import emails
from meetings.access import admits
from meetings.actions.line import stand_in_line
from meetings.actions.notices import drop_untold
from meetings.actions.seats import (
    draw_ticket,
    free_seat,
    lock_meeting,
    patiently,
    put_back_seat,
    take_seat,
)
from meetings.emails import Letter
from meetings.models import Meeting, Rsvp
from members.actions.profiles import note_activity
from members.models import User

State = Rsvp.State
ANSWERS = (State.GOING, State.NOT_GOING, State.SEND_MATERIALS)


class MeetingClosed(ActionError):
    """The meeting takes no answers: over, begun, cancelled, or not announced."""


class NotAdmitted(ActionError):
    """The meeting is for other people."""


def answer_rsvp(
    *, meeting: Meeting, person: User, answer: str, via: str = Rsvp.Via.SITE, now: datetime
) -> Rsvp:
    """Record whether somebody comes. A full meeting puts them in line.

    The same answer twice changes nothing and writes no second mail. Who gives a seat back
    hands it to the first in line in the same moment.
    """
    note_activity(person=person, now=now)
    before = meeting.rsvps.filter(person=person).first()
    # A seat may always be given back, also by who may not come any more.
    gives_back = before is not None and answer == State.NOT_GOING
    is_draft = meeting.state == Meeting.State.DRAFT
    # Asked first: to others, nothing tells whether the meeting is over, or is at all.
    if not gives_back and not is_draft and not admits(meeting, person):
        raise NotAdmitted(_("This meeting is open to other people than you. Ask the coordinator."))
    if answer not in ANSWERS:
        raise ActionError(_("We did not understand this answer. Choose one of the three buttons."))
    _refuse_if_closed(meeting, now)
    if before is not None and before.state == answer:
        return before
    if answer == State.GOING:
        # Rendered before the transaction: nobody at the door waits for our template.
        likely = before is None or before.state != State.WAITLISTED
        ready = likely and not meeting.is_full
        letter = emails.rsvp_confirmed(meeting, person, now=now) if ready else None
        come = _wait if before is None and meeting.is_full else _come
        work = partial(come, meeting, person, via, now, letter)
    else:
        work = partial(_stay_away, meeting, person, answer, via, now)
    return patiently(work)


def _refuse_if_closed(meeting: Meeting, now: datetime) -> None:
    if meeting.takes_answers(now):
        return
    if meeting.state == Meeting.State.CANCELLED:
        raise MeetingClosed(_("This meeting is cancelled, so there is nothing to answer."))
    if meeting.state == Meeting.State.DRAFT:
        raise MeetingClosed(_("This meeting is not announced yet."))
    if now < meeting.ends_at:
        raise MeetingClosed(_("This meeting has begun and takes no more answers."))
    raise MeetingClosed(_("This meeting is over and takes no more answers."))


def _wait(meeting: Meeting, person: User, via: str, now: datetime, letter: Letter | None) -> Rsvp:
    rsvp = Rsvp(
        meeting=meeting, person=person, state=State.WAITLISTED, answered_via=via, answered_at=now
    )
    if stand_in_line(meeting, rsvp, now=now):
        return rsvp
    return _come(meeting, person, via, now, letter)


@transaction.atomic
def _come(meeting: Meeting, person: User, via: str, now: datetime, letter: Letter | None) -> Rsvp:
    # The conditional UPDATE locks the row when it finds a seat. Where it finds none, lock and
    # look again: one may have become free in between.
    seated = take_seat(meeting, now=now)
    fresh = lock_meeting(meeting)
    _refuse_if_closed(fresh, now)
    seated = seated or take_seat(fresh, now=now)
    rsvp = fresh.rsvps.select_for_update().filter(person=person).first()
    if rsvp is not None and rsvp.holds_seat:
        if seated:
            put_back_seat(fresh)
        if rsvp.state == State.GOING:
            return rsvp
    elif not seated:
        if rsvp is not None and rsvp.state == State.WAITLISTED:
            return rsvp
        return _write(fresh, person, rsvp, State.WAITLISTED, via, now, ticket=draw_ticket(fresh))
    rsvp = _write(fresh, person, rsvp, State.GOING, via, now)
    is_soon = fresh.starts_at - now < emails.LINK_BEFORE
    if via == Rsvp.Via.CALENDAR and not is_soon:
        # Nobody answers a machine (ICS-8): the calendar that said yes shows it. The link is needed.
        return rsvp
    if letter is None or letter.meeting.sequence != fresh.sequence:
        letter = emails.rsvp_confirmed(fresh, person, now=now)
    letter.queue(
        f"rsvp:{fresh.public_id}:{person.pk}:confirmed:{rsvp.version}",
        due_at=now,
        expires_at=fresh.starts_at,
    )
    drop_untold(fresh, person, now=now)
    return rsvp


@transaction.atomic
def _stay_away(meeting: Meeting, person: User, answer: str, via: str, now: datetime) -> Rsvp:
    fresh = lock_meeting(meeting)
    _refuse_if_closed(fresh, now)
    rsvp = fresh.rsvps.select_for_update().filter(person=person).first()
    if rsvp is not None and rsvp.state == answer:
        return rsvp
    had_seat = rsvp is not None and rsvp.holds_seat
    rsvp = _write(fresh, person, rsvp, answer, via, now)
    if via != Rsvp.Via.CALENDAR:
        drop_untold(fresh, person, now=now)
    if had_seat:
        free_seat(fresh, now=now)
    return rsvp


def _write(
    meeting: Meeting,
    person: User,
    rsvp: Rsvp | None,
    state: str,
    via: str,
    now: datetime,
    ticket: int | None = None,
) -> Rsvp:
    values = {
        "state": state,
        "holds_seat": state == State.GOING,
        "wait_ticket": ticket,
        "answered_via": via,
        "answered_at": now,
    }
    if state not in Rsvp.INVOLVED:
        # Nobody prepares for who does not come, so nobody need know.
        values["access_need"] = ""
    if rsvp is None:
        return Rsvp.objects.create(meeting=meeting, person=person, **values)
    for name, value in values.items():
        setattr(rsvp, name, value)
    rsvp.version += 1
    rsvp.save(update_fields=[*values, "version"])
    return rsvp
