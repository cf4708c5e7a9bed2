"""What a vote does by itself: it opens, writes, reminds on the last day, and closes."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from cop.core.time import after_quiet, before_quiet
from meetings.actions.ballots import lock_ballot, open_locked
from meetings.actions.counting import close_ballot
from meetings.emails.ballots import LAST_DAY, OPEN, ballot_mail, key_prefix
from meetings.models import Ballot, BallotPaper
from meetings.queries.ballots import electors
from members.models import Community
from outbox.actions import Outgoing, find_mailing_list, queue_emails
from outbox.models import Delivery, MailingList, Subscription

A_DAY = timedelta(hours=24)
# A day, and the longest way out of somebody's quiet hours.
LOOK_AHEAD = A_DAY + timedelta(hours=12)
# Nobody votes from a mail that comes in the last hour.
STILL_USEFUL = timedelta(hours=1)
# Who takes mails about votes later than this after the opening reads of it on the site.
STILL_NEWS = timedelta(days=3)
# So many in one transaction, so that a tick that is cut off has done something.
CHUNK = 200
SILENT = (Community.Status.PAUSED, Community.Status.ARCHIVED)


def keep_ballots(*, now: datetime) -> None:
    """All from the rows: doubled, late or cut off, the next run does what is missing."""
    ballots = Ballot.objects.select_related("community").order_by("pk")
    for ballot in ballots.filter(state=Ballot.State.OPEN, closes_at__lte=now):
        close_ballot(ballot=ballot, now=now)
    planned = ballots.filter(
        state=Ballot.State.DRAFT, confirmed_at__isnull=False, opens_at__lte=now
    )
    for ballot in planned:
        _open(ballot, now)
    writing = ballots.exclude(community__status__in=SILENT)
    for ballot in writing.filter(state=Ballot.State.OPEN, closes_at__gt=now):
        if now < min(ballot.opens_at + STILL_NEWS, ballot.closes_at - LOOK_AHEAD):
            _write(OPEN, ballot, now)
        elif now >= ballot.closes_at - LOOK_AHEAD:
            _write(LAST_DAY, ballot, now)


@transaction.atomic
def _open(ballot: Ballot, now: datetime) -> None:
    locked = lock_ballot(ballot)
    if locked.state == Ballot.State.DRAFT and locked.confirmed_at and locked.opens_at <= now:
        open_locked(locked, now=now)


def _write(kind: str, ballot: Ballot, now: datetime) -> None:
    mailing_list = find_mailing_list(ballot.community.public_id, MailingList.Kind.BALLOTS)
    mails: list[Outgoing] = []
    for paper in _readers(kind, ballot, mailing_list).iterator(chunk_size=CHUNK):
        paper.ballot = ballot
        if (mail := _mail(kind, paper, mailing_list, now)) is not None:
            mails.append(mail)
        if len(mails) == CHUNK:
            queue_emails(mails, now=now)
            mails = []
    queue_emails(mails, now=now)


def _readers(kind: str, ballot: Ballot, mailing_list: MailingList) -> QuerySet[BallotPaper]:
    """Those who take mails about votes and were not written to; the fence asks about pauses."""
    takes = Subscription.objects.filter(
        mailing_list=mailing_list, person=OuterRef("person"), state=Subscription.State.SUBSCRIBED
    )
    key = Concat(Value(key_prefix(kind, ballot)), OuterRef("person__public_id"))
    rows = ballot.papers.filter(Exists(takes), person__in=electors(ballot.community))
    rows = rows.exclude(Exists(Delivery.objects.filter(key=key)))
    # On the last day nobody who has voted hears of it again.
    rows = rows.filter(cast_at__isnull=True)
    return rows.select_related("person").order_by("pk")


def _mail(
    kind: str, paper: BallotPaper, mailing_list: MailingList, now: datetime
) -> Outgoing | None:
    """None: not yet, or of no use any more. By the person's own clock (RM2)."""
    zone, closes_at = paper.person.timezone, paper.ballot.closes_at
    if kind == LAST_DAY and before_quiet(closes_at - A_DAY, zone) > now:
        return None
    due_at = after_quiet(now, zone)
    until = closes_at - (STILL_USEFUL if kind == LAST_DAY else LOOK_AHEAD)
    if due_at >= until:
        return None
    return ballot_mail(kind, paper, mailing_list, due_at=due_at, expires_at=until)
