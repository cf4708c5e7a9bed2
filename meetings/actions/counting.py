"""The end of a vote: counted by the clock, then published by a coordinator (TP1-TP5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.ballots import lock_ballot
from meetings.emails import ballots as emails
from meetings.models import Ballot, BallotMark, BallotOption, TopicProposal
from meetings.queries.ballots import options_of
from meetings.queries.counting import counted, natural_places, rank_key, unexplained
from members.models import User

State, Topic = Ballot.State, TopicProposal.State
# A topic that was parked after two votes comes up again by itself then.
REVISIT = timedelta(days=182)


@transaction.atomic
def close_ballot(*, ballot: Ballot, now: datetime) -> Ballot:
    """Count once, when its hour has come. Later and twice it changes nothing."""
    locked = lock_ballot(ballot)
    if locked.state != State.OPEN or locked.closes_at > now:
        return locked
    _count(locked)
    locked.papers_cast = locked.papers.filter(cast_at__isnull=False).count()
    locked.state = State.CLOSED
    locked.save(update_fields=["state", "papers_cast"])
    record("ballot_closed", locked, by=None, scope=locked.community.public_id,
           old=State.OPEN, new=State.CLOSED)  # fmt: skip
    return locked


def _count(ballot: Ballot) -> None:
    totals = counted(ballot)
    options = options_of(ballot)
    for option in options:
        option.dots, option.voters = totals.get(option.pk, (0, 0))
    for rank, option in enumerate(sorted(options, key=rank_key), start=1):
        option.rank = rank
    places = natural_places(options, ballot.seats)
    for option in options:
        option.place = places.get(option.pk)
    BallotOption.objects.bulk_update(options, ["dots", "voters", "rank", "place"], batch_size=500)


@transaction.atomic
def publish_ballot(
    *, ballot: Ballot, order: Sequence[int], reasons: Mapping[int, str], by: User, now: datetime
) -> Ballot:
    """`order`: the options that are chosen, first the first. It binds the next open slots (TP4)."""
    locked = lock_ballot(ballot)
    if locked.state == State.PUBLISHED:
        return locked
    if locked.state != State.CLOSED:
        raise ActionError(_("The result can be published once the vote is closed."))
    options = options_of(locked)
    reasons = {pk: text.strip()[:300] for pk, text in reasons.items() if text.strip()}
    places = {pk: place for place, pk in enumerate(order, start=1)}
    _check_order(locked, options, order, places, reasons)
    for option in options:
        option.place, option.reason = places.get(option.pk), reasons.get(option.pk, "")
    BallotOption.objects.bulk_update(options, ["place", "reason"], batch_size=500)
    _move_topics(locked, options, now)
    # From here on nobody can say who gave which dots; who voted stays written down.
    BallotMark.objects.filter(paper__ballot=locked).delete()
    locked.state, locked.published_at = State.PUBLISHED, now
    locked.save(update_fields=["state", "published_at"])
    record("ballot_published", locked, by=by, scope=locked.community.public_id,
           old=State.CLOSED, new=State.PUBLISHED)  # fmt: skip
    _tell_proposers(locked, options, now)
    return locked


def _check_order(
    ballot: Ballot,
    options: Sequence[BallotOption],
    order: Sequence[int],
    places: Mapping[int, int],
    reasons: Mapping[int, str],
) -> None:
    if len(places) != len(order) or not set(places) <= {one.pk for one in options}:
        raise ActionError(_("Each place can be given once, to a topic of this vote."))
    if len(order) > ballot.seats:
        raise ActionError(
            _("This vote chooses %(seats)d topics. Take some out of the order.")
            % {"seats": ballot.seats}
        )
    if missing := unexplained(options, places, reasons, ballot.seats):
        raise ActionError(
            _("The votes say otherwise about “%(title)s”. Write why, for everybody to read.")
            % {"title": missing[0].topic.title}
        )


def _move_topics(ballot: Ballot, options: Sequence[BallotOption], now: datetime) -> None:
    """Chosen; or carried over once; or parked after the second time (TP5)."""
    here = [one for one in options if one.topic.state == Topic.ON_BALLOT]
    chosen = [one.topic_id for one in here if one.place is not None]
    others = [one.topic for one in here if one.place is None]
    topics = TopicProposal.objects
    topics.filter(pk__in=chosen).update(state=Topic.SHORTLISTED)
    # Where nobody voted, nobody passed them over.
    step = 1 if ballot.papers_cast else 0
    again = [topic.pk for topic in others if topic.times_carried + step < 2]
    for topic in others:
        topic.times_carried += step
    topics.bulk_update(others, ["times_carried"], batch_size=500)
    topics.filter(pk__in=again).update(state=Topic.OPEN)
    with translation.override(ballot.language):
        reason = _("It stood in two votes and was not chosen. It can be proposed again.")
    topics.filter(pk__in={topic.pk for topic in others} - set(again)).update(
        state=Topic.PARKED, reason=reason, revisit_on=(now + REVISIT).date()
    )


def _tell_proposers(ballot: Ballot, options: Sequence[BallotOption], now: datetime) -> None:
    chosen = [one.pk for one in options if one.place is not None]
    rows = BallotOption.objects.filter(pk__in=chosen, topic__proposed_by__is_active=True)
    for option in rows.select_related("topic__proposed_by").order_by("place"):
        option.ballot = ballot
        emails.chosen(option, now=now)
