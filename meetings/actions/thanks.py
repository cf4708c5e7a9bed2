"""An hour after the end: thanks to those who were there, and how was it (2.12)."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from cop.core.time import after_quiet
from meetings.actions.invitations import PER_TICK, SILENT
from meetings.emails.after import thanks_letter
from meetings.models import Attendance, Audience, Meeting, Rsvp
from meetings.queries.invitees import Invitees
from outbox.actions import queue_emails
from outbox.models import Delivery

AFTER_THE_END = timedelta(hours=1)
# The longest way out of somebody's quiet hours: a night with an hour more.
A_NIGHT = timedelta(hours=12)
# Who was there is often known a day or two later. After that it is only one mail more.
STILL_USEFUL = timedelta(days=3)
CHUNK = 100
TOOK_PLACE = (Meeting.State.SCHEDULED, Meeting.State.HELD, Meeting.State.WRAPPED)


def plan_thanks(*, ends_at: datetime, zone: str) -> datetime:
    """An hour after the end, or in the morning of where the person lives (RM2)."""
    return after_quiet(ends_at + AFTER_THE_END, zone)


def keep_thanks(*, now: datetime) -> int:
    """Queue the thanks that are due. Once for each person and meeting, however late."""
    due = [
        row
        for row in _not_yet(now)
        if plan_thanks(ends_at=row.meeting.ends_at, zone=row.person.timezone) <= now
    ]
    if not due:
        return 0
    fresh = list(_admitted(due, now))[:PER_TICK]
    return sum(_queue(fresh[first : first + CHUNK], now) for first in range(0, len(fresh), CHUNK))


def _not_yet(now: datetime) -> QuerySet[Attendance]:
    """Whoever was there lately and has no such mail. One query."""
    about = Concat(
        Value("reminder:"),
        OuterRef("meeting__public_id"),
        Value(":"),
        Cast(OuterRef("person_id"), CharField()),
        Value(":thanks_feedback"),
        output_field=CharField(),
    )
    rows = Attendance.objects.filter(
        ~Exists(Delivery.objects.filter(key=about)),
        state__in=Attendance.WAS_THERE,
        gave_feedback=False,
        person__is_active=True,
        meeting__state__in=TOOK_PLACE,
        meeting__ends_at__lte=now - AFTER_THE_END,
        meeting__ends_at__gt=now - AFTER_THE_END - A_NIGHT - STILL_USEFUL,
    ).exclude(meeting__community__status__in=SILENT)
    return rows.select_related("meeting__community", "person").order_by(F("meeting").asc(), "pk")


def _admitted(rows: Collection[Attendance], now: datetime) -> Iterator[Attendance]:
    """The page behind the link opens to nobody else (it asks again)."""
    communities = {row.meeting.community for row in rows}
    invitees = Invitees(communities, now=now)
    answers = Rsvp.objects.filter(meeting__in={row.meeting_id for row in rows})
    guests = set(answers.still_admitted().values_list("meeting", "person"))
    for row in rows:
        is_inside = row.person_id in invitees.admitted(row.meeting)
        is_open = row.meeting.audience == Audience.PUBLIC
        if is_inside or is_open or (row.meeting_id, row.person_id) in guests:
            yield row


@transaction.atomic
def _queue(rows: list[Attendance], now: datetime) -> int:
    mails = [
        thanks_letter(row.meeting, row.person).outgoing(
            f"reminder:{row.meeting.public_id}:{row.person_id}:thanks_feedback",
            due_at=now,
            expires_at=now + STILL_USEFUL,
        )
        for row in rows
    ]
    return queue_emails(mails, now=now)
