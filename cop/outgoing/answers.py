"""Why somebody did or did not get a mail, in a sentence for each, from the rows that there are."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _

from cop.core.time import say_clock, say_date
from cop.desk_mail import KINDS, batch_subject, say_kind, say_why
from cop.outgoing.people import Subject
from outbox.models import Delivery, MailBatch, Purpose

SHOWN = 60
State = Delivery.State
LOOKS = {
    State.SENT: ("good", "check-circle"),
    State.QUEUED: ("info", "clock"),
    State.CLAIMED: ("info", "send"),
    State.PAUSED: ("wait", "hourglass-split"),
    State.UNCERTAIN: ("wait", "question-circle"),
}
NO_MAIL = ("", "dash-circle")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One mail: when, which, and what became of it."""

    at: datetime
    title: str
    kind: str
    sentence: str
    badge: str
    look: str = ""
    icon: str = "dash-circle"
    server: str = ""


def say_moment(instant: datetime, zone: str, *, now: datetime) -> str:
    clock = say_clock(instant.astimezone(ZoneInfo(zone)))
    words = {"day": say_date(instant, zone, now=now), "clock": clock}
    return _("%(day)s, %(clock)s") % words


def say_day(day: date) -> str:
    return formats.date_format(day, "j F Y")


def deliveries_to(subject: Subject, *, sees_security: bool = False) -> QuerySet[Delivery]:
    """All mail to this subject that the staff member may know of."""
    to = {"person": subject.person} if subject.person else {
        "person": None, "address": subject.address, "mailing_list__scope__in": subject.scopes,
    }  # fmt: skip
    scoped = Q(scope__in=subject.scopes) & ~Q(purpose=Purpose.SECURITY)
    if sees_security:
        # The administrator of the site sees that a code left, never what it was.
        scoped = Q()
    rows = Delivery.objects.filter(scoped, **to).select_related("batch")
    rows = rows.defer("text", "html", "calendar", "batch__contents")
    return rows.annotate(batch_subject=batch_subject()).order_by("-created_at", "-pk")


def matching(rows: QuerySet[Delivery], words: str, facts: list[str]) -> QuerySet[Delivery]:
    """By a word of the subject, by the kind, or by the meeting or issue it tells about."""
    if not words:
        return rows
    low = words.lower()
    kinds = [kind for kind, said in KINDS.items() if low in str(said).lower() or low in kind]
    fits = Q(subject__icontains=words) | Q(batch_subject__icontains=words) | Q(kind__in=kinds)
    for fact in facts:
        fits |= Q(key__contains=f":{fact}:")
    return rows.filter(fits)


def answer_for(row: Delivery, zone: str, *, now: datetime) -> Answer:
    is_security = row.purpose == Purpose.SECURITY
    title = "" if is_security else row.subject or row.batch_subject or ""
    look, icon = LOOKS.get(State(row.state), NO_MAIL)
    return Answer(
        at=row.ended_at or row.due_at,
        title=title or (_("Sign-in mail") if is_security else say_kind(row.kind)),
        kind=say_kind(row.kind) if title else "",
        sentence=_sentence(row, zone, now),
        badge=row.get_state_display(),
        look=look,
        icon=icon,
        server="" if is_security else row.last_answer,
    )


def _sentence(row: Delivery, zone: str, now: datetime) -> str:
    words: dict[str, Any] = {
        "when": say_moment(row.ended_at or row.due_at, zone, now=now),
        "why": say_why(row.reason),
    }
    if row.state == State.SENT:
        told = _("Got it: on %(when)s their mail server took it.") % words
        return f"{told} {words['why']}".strip()
    if row.state == State.CLAIMED:
        return _("Is being sent at this very moment.")
    if row.state == State.QUEUED:
        return _waiting(row, words, now)
    sentences = {
        State.PAUSED: _("Has not got it yet, because it is on hold. %(why)s"),
        State.SKIPPED: _("Did not get it. %(why)s"),
        State.CANCELLED: _("Did not get it. %(why)s"),
        State.FAILED: _("Did not get it: on %(when)s we tried. %(why)s"),
        State.UNCERTAIN: _("May have got it: on %(when)s we sent it. %(why)s"),
    }
    return (sentences[State(row.state)] % words).strip()


def _waiting(row: Delivery, words: dict[str, Any], now: datetime) -> str:
    batch = row.batch
    if batch is not None and batch.state == MailBatch.State.PAUSED:
        why = {"why": say_why(batch.reason)}
        return _("Has not got it yet, because the sending is on hold. %(why)s") % why
    if row.attempts and not row.reason:
        return (
            _("Has not got it yet: the mail server asked us to wait. On %(when)s we try again.")
            % words
        )
    if row.due_at <= now:
        return (_("Has not got it yet: it leaves in the next minutes. %(why)s") % words).strip()
    return (_("Has not got it yet: on %(when)s it leaves. %(why)s") % words).strip()
