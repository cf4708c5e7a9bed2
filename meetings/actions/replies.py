"""Accept and decline from a calendar. Whatever is not right is let fall without a word (ICS-8)."""

from datetime import datetime, timedelta

import structlog
from allauth.account.models import EmailAddress

from cop.core.errors import ActionError
from meetings import ics
from meetings.actions.rsvp import answer_rsvp
from meetings.itip import CalendarReply, read_calendar_reply
from meetings.models import Meeting, Rsvp
from members.models import User
from outbox.actions.replies import read_reply_mailbox
from outbox.replies import Reply

# Clocks of phones are wrong by minutes, and some by a zone; beyond that somebody plays with us.
CLOCKS_MAY_BE_WRONG = timedelta(days=1)
log = structlog.get_logger(__name__)


def read_replies(*, now: datetime) -> int:
    """Look into the mailbox of answers. Returns how many mails were done with."""
    return read_reply_mailbox(lambda reply: take_reply(reply, now=now), now=now)


def take_reply(reply: Reply, *, now: datetime) -> bool:
    """True: done with, whether it counted or not. False: it is no answer, so a person may read it.

    The same answer twice, or an older one after a newer one, changes nothing.
    """
    said = read_calendar_reply(reply.calendar)
    if said is None:
        # A broken calendar part helps nobody; a request or a cancellation is not for us.
        log.info("calendar_reply", outcome="no reply")
        return True
    found = _whose(reply.tag, said)
    outcome = "unknown" if found is None else _apply(*found, said, now)
    log.info("calendar_reply", outcome=outcome)
    return True


def _whose(tag: str, said: CalendarReply) -> tuple[Meeting, User] | None:
    """Whom the sealed address was made for; an invitation that was passed on opens nothing."""
    meeting_id, _hyphen, person_id = tag.partition("-")
    meetings = Meeting.objects.select_related("community")
    meeting = meetings.filter(public_id=meeting_id).first()
    person = User.objects.filter(public_id=person_id, is_active=True).first()
    if meeting is None or person is None or said.uid != ics.uid(meeting):
        return None
    own = EmailAddress.objects.filter(user=person, verified=True, email__iexact=said.address)
    if said.address != person.email.lower() and not own.exists():
        return None
    return meeting, person


def _apply(meeting: Meeting, person: User, said: CalendarReply, now: datetime) -> str:
    if said.sequence != meeting.sequence or said.stamp > now + CLOCKS_MAY_BE_WRONG:
        return "old"
    before = meeting.rsvps.filter(person=person).first()
    if before is not None and not _is_news(before, said):
        return "old"
    if said.answer and not _says_the_same(before, said):
        try:
            answer_rsvp(
                meeting=meeting, person=person, answer=said.answer,
                via=Rsvp.Via.CALENDAR, now=now,
            )  # fmt: skip
        except ActionError:
            return "refused"
    meeting.rsvps.filter(person=person).update(reply_sequence=said.sequence, reply_at=said.stamp)
    return said.answer or "perhaps"


def _is_news(before: Rsvp, said: CalendarReply) -> bool:
    """Later than the last one from the calendar, and than what was said here since."""
    last = (before.reply_sequence or 0, before.reply_at) if before.reply_at else None
    if last is not None and (said.sequence, said.stamp) <= last:
        return False
    by_calendar = before.answered_via == Rsvp.Via.CALENDAR
    return by_calendar or said.stamp >= before.answered_at.replace(microsecond=0)


def _says_the_same(before: Rsvp | None, said: CalendarReply) -> bool:
    """Who wants the materials has declined already, and still wants them."""
    declines = said.answer == Rsvp.State.NOT_GOING
    return declines and before is not None and before.state == Rsvp.State.SEND_MATERIALS
