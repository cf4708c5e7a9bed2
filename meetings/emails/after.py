"""Letters after a meeting: notes to look at, what came of it, the materials that were asked for."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import Email, render_email
from meetings.emails.letters import Letter
from meetings.links import feedback_url, notes_url, outcome_url
from meetings.models import Meeting, MeetingNotes, MeetingRole, Rsvp
from members.mailing import footer
from members.models import User
from outbox.actions import queue_emails
from outbox.models import Delivery, Purpose

HOLDER = _("You get this because you brought the question to this meeting.")
WRITER = _("You get this because you look after this meeting.")
CAME = _("You get this because you were at this meeting.")
ASKED = _("You get this because you asked for the materials of this meeting.")
LIVES = timedelta(days=30)


def notes_to_look_at(notes: MeetingNotes, role: MeetingRole, *, now: datetime) -> None:
    """To the issue holder: yes or no. Once for each version of the words."""
    letter = notes_letter(notes, role)
    key = f"notes:{notes.meeting.public_id}:{role.pk}:{notes.version}"
    letter.queue(key, due_at=now, expires_at=now + LIVES)


def notes_letter(notes: MeetingNotes, role: MeetingRole) -> Letter:
    context = {"notes": notes, "notes_url": notes_url(role)}
    return _letter("notes_for_holder", notes.meeting, role.person, HOLDER, context)


def notes_answered(notes: MeetingNotes, *, now: datetime) -> None:
    """To who wrote them, and else to the facilitator: what the holder said."""
    meeting = notes.meeting
    person = notes.written_by or meeting.facilitator
    if person is None or not person.is_active:
        return
    key = f"notes_answered:{meeting.public_id}:{notes.version}:{notes.state}"
    answered_letter(notes, person).queue(key, due_at=now, expires_at=now + LIVES)


def answered_letter(notes: MeetingNotes, person: User) -> Letter:
    meeting = notes.meeting
    page = reverse("meetings:meeting_notes", args=[meeting.community.slug, meeting.public_id])
    context = {
        "agrees": notes.state == MeetingNotes.State.APPROVED,
        "page_url": absolute(page),
    }
    return _letter("notes_answered", meeting, person, WRITER, context)


def what_happened(role: MeetingRole, *, now: datetime) -> None:
    """Thirty days later. One letter for each holder and meeting, however often it is asked."""
    key = f"follow_up:{role.meeting.public_id}:{role.pk}"
    if not Delivery.objects.filter(key=key).exists():
        happened_letter(role).queue(key, due_at=now, expires_at=now + LIVES)


def happened_letter(role: MeetingRole) -> Letter:
    context = {"question": role.question, "outcome_url": outcome_url(role)}
    return _letter("follow_up", role.meeting, role.person, HOLDER, context)


def materials(rows: list[Rsvp], *, now: datetime) -> int:
    """To all who asked and have not got them. Returns how many were new."""
    keys = {f"materials:{row.meeting.public_id}:{row.person_id}": row for row in rows}
    known = set(Delivery.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = [
        materials_letter(row).outgoing(key, due_at=now, expires_at=now + LIVES)
        for key, row in keys.items()
        if key not in known
    ]
    return queue_emails(fresh, now=now)


def thanks_letter(meeting: Meeting, person: User) -> Letter:
    """An hour after the end, to who was there: how was it?"""
    context = {"feedback_url": feedback_url(meeting, person)}
    letter = _letter("thanks_feedback", meeting, person, CAME, context)
    return replace(letter, purpose=Purpose.REMINDER)


def materials_letter(rsvp: Rsvp) -> Letter:
    meeting = rsvp.meeting
    context = {"has_notes": meeting.notes_outcome == Meeting.Outcome.PUBLISHED}
    return _letter("materials", meeting, rsvp.person, ASKED, context)


def _letter(
    name: str,
    meeting: Meeting,
    person: User,
    why: str | Promise,
    context: dict[str, Any],
) -> Letter:
    with translation.override(person.language):
        full = {
            "community": meeting.community,
            "meeting": meeting,
            "person": person,
            "zone": person.timezone,
            "meeting_url": absolute(meeting.get_absolute_url()),
            **footer(meeting.community, language=person.language, why=why, can_stop=False),
            **context,
        }
        email: Email = render_email(f"meetings/email/{name}", full, language=person.language)
    return Letter(meeting, person, name, email)
