"""Invitations leave after the announcing, chunk by chunk with the ticks (2.12, EM1)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from cop.core.time import after_quiet
from meetings.actions.seats import lock_meeting
from meetings.emails.invitations import invitation
from meetings.emails.letters import Letter
from meetings.models import Meeting
from meetings.queries.invitees import InvitationCount, Invitees, count_invited
from members.models import Community, User
from outbox.actions import Outgoing, find_mailing_list, queue_emails
from outbox.models import Delivery, MailingList

__all__ = ["InvitationCount", "asking_mail", "count_invited", "keep_invitations", "told_already"]

SILENT = (Community.Status.PAUSED, Community.Status.ARCHIVED)
# All of one meeting leave within these minutes: so many answers at once would help nobody.
SPREAD = timedelta(minutes=10)
# So many in one tick, and in one transaction: while it runs, answers to this meeting wait.
PER_TICK, CHUNK = 500, 50
# A mail that was taken back for one of these told nobody anything: it is written anew.
VOID = ("meeting changed", "meeting cancelled")


def invitation_prefix(public_id: str) -> str:
    return f"invitation:{public_id}:"


def keep_invitations(*, now: datetime) -> int:
    """Queue what the announced meetings still owe to their audience. Returns how many are new."""
    meetings = list(waiting_for_invitations(now).select_related("community").order_by("starts_at"))
    if not meetings:
        return 0
    invitees = Invitees({one.community for one in meetings}, now=now)
    queued = 0
    for meeting in meetings:
        is_done = False
        while not is_done and queued < PER_TICK:
            new, is_done = _invite(meeting, invitees, now)
            queued += new
    return queued


def waiting_for_invitations(now: datetime) -> QuerySet[Meeting]:
    """Announced, and not all were told; or changed since, so that somebody's mail was void."""
    rows = Meeting.objects.filter(
        Q(invited_at__isnull=True) | Q(invited_at__lt=F("sequence_at")),
        state=Meeting.State.SCHEDULED,
        announced_at__isnull=False,
        starts_at__gt=now,
    )
    return rows.exclude(community__status__in=SILENT)


@transaction.atomic
def _invite(meeting: Meeting, invitees: Invitees, now: datetime) -> tuple[int, bool]:
    """The next few of one meeting: how many were new, and whether these were the last.

    Under the lock of the meeting: nothing is queued for one that is being called off.
    """
    row = lock_meeting(meeting)
    if row.state != Meeting.State.SCHEDULED or row.starts_at <= now:
        return 0, True
    prefix = invitation_prefix(row.public_id)
    people = invitees.written(row) - {person for _id, person in told_already([prefix])}
    people -= set(row.rsvps.values_list("person", flat=True))
    mailing_list = find_mailing_list(row.community.public_id, MailingList.Kind.INVITATIONS)
    some = User.objects.filter(pk__in=sorted(people)[:CHUNK]).order_by("pk")
    mails = [
        asking_mail(
            invitation(row, person),
            f"{prefix}{person.pk}:{row.sequence}",
            mailing_list,
            due_at=after_quiet(now, person.timezone) + share_of_spread(person.pk),
            expires_at=row.starts_at,
        )
        for person in some
    ]
    new = queue_emails(mails, now=now)
    is_done = len(people) <= CHUNK
    if is_done:
        # No change of the meeting: neither calendars nor the digest are to take it for one.
        Meeting.objects.filter(pk=row.pk).update(invited_at=now)
    return new, is_done


def asking_mail(
    letter: Letter,
    key: str,
    mailing_list: MailingList,
    *,
    due_at: datetime,
    expires_at: datetime,
) -> Outgoing:
    """With the consent of the list asked at sending, the budget, and its line in the digest."""
    return replace(
        letter.outgoing(key, due_at=due_at, expires_at=expires_at),
        mailing_list=mailing_list,
        budgeted=True,
        digest_title=letter.meeting.title,
        digest_path=letter.meeting.get_absolute_url(),
    )


def share_of_spread(number: int) -> timedelta:
    """The same for the same person each time; neighbours in the list are far apart."""
    seconds = int(SPREAD.total_seconds())
    return timedelta(seconds=number * 2654435761 % seconds)


def told_already(prefixes: Iterable[str]) -> set[tuple[str, int]]:
    """(meeting, person) whose mail is on its way, left, or was kept back for good."""
    fits = Q(pk=None)
    for prefix in prefixes:
        fits |= Q(key__startswith=prefix)
    rows = Delivery.objects.filter(fits).exclude(state=Delivery.State.CANCELLED, reason__in=VOID)
    pairs = rows.filter(person__isnull=False).values_list("key", "person")
    return {(key.split(":")[1], person) for key, person in pairs}
