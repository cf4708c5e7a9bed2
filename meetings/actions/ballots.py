"""A vote from its draft to its end, but for the papers (casting) and the result (counting)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.models import Ballot, BallotMark, BallotOption, TopicProposal
from meetings.queries.ballots import SHORTEST, electors
from members.models import User
from outbox.actions import cancel_deliveries

State, Topic = Ballot.State, TopicProposal.State


def lock_ballot(ballot: Ballot) -> Ballot:
    """The row under a lock: voting, closing and all steps of staff wait for each other here."""
    rows = Ballot.objects.select_related("community").select_for_update(of=("self",))
    return rows.get(pk=ballot.pk)


@transaction.atomic
def draft_ballot(*, ballot: Ballot, topics: Sequence[TopicProposal], by: User) -> Ballot:
    """A new vote, seen by coordinators only. `ballot` is not saved yet."""
    _check_times(ballot)
    ballot.state = State.DRAFT
    ballot.save(force_insert=True)
    _put_options(ballot, topics)
    record("ballot_drafted", ballot, by=by, scope=ballot.community.public_id)
    return ballot


@transaction.atomic
def change_ballot(
    *, ballot: Ballot, values: dict[str, Any], topics: Sequence[TopicProposal], by: User
) -> Ballot:
    """Only while it is a draft. A planned opening has to be confirmed again: people saw nothing."""
    locked = lock_ballot(ballot)
    if locked.state != State.DRAFT:
        raise ActionError(_("This vote has opened. Its paper stays as people know it."))
    for name, value in values.items():
        setattr(locked, name, value)
    _check_times(locked)
    locked.confirmed_at = None
    locked.save(update_fields=[*values, "confirmed_at"])
    _put_options(locked, topics)
    record("ballot_changed", locked, by=by, scope=locked.community.public_id,
           reason=", ".join(sorted(values)))  # fmt: skip
    return locked


def _check_times(ballot: Ballot) -> None:
    if ballot.closes_at - ballot.opens_at < SHORTEST:
        raise ActionError(_("Keep it open for at least seven days, so that all shifts see it."))


def _put_options(ballot: Ballot, topics: Sequence[TopicProposal]) -> None:
    """The paper lists them in the order in which they were proposed: no place is a favour."""
    if any(topic.community_id != ballot.community_id for topic in topics):
        raise ActionError(_("A topic belongs to another community. Choose again."))
    ballot.options.all().delete()
    ordered = sorted(topics, key=lambda topic: (topic.proposed_at, topic.pk))
    BallotOption.objects.bulk_create(
        BallotOption(ballot=ballot, topic=topic, order=number)
        for number, topic in enumerate(ordered, start=1)
    )


@transaction.atomic
def confirm_ballot(*, ballot: Ballot, by: User, now: datetime) -> Ballot:
    """It opens at its hour, or now where that hour has come. Twice changes nothing."""
    locked = lock_ballot(ballot)
    if locked.state != State.DRAFT or locked.confirmed_at is not None:
        return locked
    locked.opens_at = max(locked.opens_at, now)
    if locked.closes_at - locked.opens_at < SHORTEST:
        raise ActionError(
            _("From now on it would be open for less than seven days. Move the end first.")
        )
    _check_topics(locked)
    if not electors(locked.community).exists():
        raise ActionError(_("There is no member yet who could vote."))
    locked.confirmed_at = now
    locked.save(update_fields=["opens_at", "confirmed_at"])
    record("ballot_confirmed", locked, by=by, scope=locked.community.public_id)
    if locked.opens_at <= now:
        open_locked(locked, now=now)
    return locked


def _check_topics(ballot: Ballot) -> None:
    """A topic may have been merged, parked or put into another vote since it was chosen."""
    gone = list(ballot.options.exclude(topic__state=Topic.OPEN).select_related("topic"))
    if gone:
        raise ActionError(
            _("“%(title)s” is not open any more. Take it off the list and go on.")
            % {"title": gone[0].topic.title}
        )
    if ballot.options.count() < 2:
        raise ActionError(_("Choose at least two topics, so that there is something to choose."))


@transaction.atomic
def unconfirm_ballot(*, ballot: Ballot, by: User) -> Ballot:
    """Take the planned opening back, while nobody has seen it."""
    locked = lock_ballot(ballot)
    if locked.state == State.DRAFT and locked.confirmed_at is not None:
        locked.confirmed_at = None
        locked.save(update_fields=["confirmed_at"])
        record("ballot_unconfirmed", locked, by=by, scope=locked.community.public_id)
    return locked


def open_locked(ballot: Ballot, *, now: datetime) -> None:
    """In the caller's transaction: papers for all who may vote at this moment, and never again."""
    taken = ballot.options.filter(topic__state=Topic.OPEN)
    topics = TopicProposal.objects.filter(pk__in=list(taken.values_list("topic", flat=True)))
    # What was put aside between the yes and the opening does not stand in the vote.
    ballot.options.exclude(pk__in=list(taken.values_list("pk", flat=True))).delete()
    topics.update(state=Topic.ON_BALLOT)
    ballot.electorate = _give_papers(ballot)
    ballot.state = State.OPEN
    ballot.save(update_fields=["state", "electorate"])
    record("ballot_opened", ballot, by=None, scope=ballot.community.public_id,
           old=State.DRAFT, new=State.OPEN)  # fmt: skip


def _give_papers(ballot: Ballot) -> int:
    """One statement, so that the list is of one moment. Returns how many papers there are."""
    people, params = electors(ballot.community).order_by().values("pk").query.sql_with_params()
    insert = "INSERT INTO meetings_ballotpaper (ballot_id, person_id, version)"
    # The names are ours, and so is the query inside.
    sql = f"{insert} SELECT %s, voter.id, 0 FROM ({people}) AS voter (id) ON CONFLICT DO NOTHING"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [ballot.pk, *params])
    return ballot.papers.count()


@transaction.atomic
def extend_ballot(*, ballot: Ballot, closes_at: datetime, by: User, now: datetime) -> Ballot:
    """More time, never less: people rely on the day they read."""
    locked = lock_ballot(ballot)
    if locked.state != State.OPEN or locked.closes_at <= now:
        raise ActionError(_("This vote is not open, so its end stays as it is."))
    if closes_at <= locked.closes_at:
        raise ActionError(
            _("The new end must be later than the one people know. A vote never gets shorter.")
        )
    old, locked.closes_at = locked.closes_at, closes_at
    locked.save(update_fields=["closes_at"])
    record("ballot_extended", locked, by=by, scope=locked.community.public_id,
           old=old.isoformat(), new=closes_at.isoformat())  # fmt: skip
    # The last day is another one now; who has not voted hears of that one.
    prefix = f"ballot_last_day:{locked.public_id}:"
    cancel_deliveries(prefix=prefix, reason="the vote was extended", now=now)
    return locked


@transaction.atomic
def cancel_ballot(*, ballot: Ballot, reason: str, by: User, now: datetime) -> Ballot:
    """Called off before its result is out. The topics are open again; the dots are deleted."""
    locked = lock_ballot(ballot)
    if locked.state == State.CANCELLED:
        return locked
    if locked.state == State.PUBLISHED:
        raise ActionError(_("The result is out. It cannot be called off any more."))
    if not reason.strip():
        raise ActionError(_("Say why, in a sentence: everybody who could vote can read it."))
    old, locked.state, locked.reason = locked.state, State.CANCELLED, reason.strip()[:300]
    locked.save(update_fields=["state", "reason"])
    BallotMark.objects.filter(paper__ballot=locked).delete()
    locked.options.update(dots=None, voters=None, rank=None, place=None, reason="")
    options = locked.options.values("topic")
    TopicProposal.objects.filter(pk__in=options, state=Topic.ON_BALLOT).update(state=Topic.OPEN)
    record("ballot_cancelled", locked, by=by, scope=locked.community.public_id,
           old=old, new=State.CANCELLED)  # fmt: skip
    for kind in ("ballot_open", "ballot_last_day"):
        prefix = f"{kind}:{locked.public_id}:"
        cancel_deliveries(prefix=prefix, reason="the vote was called off", now=now)
    return locked
