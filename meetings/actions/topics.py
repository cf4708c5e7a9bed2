"""A topic from the proposal to the meeting that covered it (2.11)."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.seats import lock_meeting
from meetings.emails import topics as emails
from meetings.models import Ballot, BallotMark, BallotOption, Meeting, TopicProposal
from members.access import may_see_audience
from members.models import Community, User

State = TopicProposal.State
# Enough for anybody, and a bound for a stuck key or a bad day.
MOST_WAITING, MOST_A_DAY = 10, 5
MODERATED = (State.OPEN, State.PARKED, State.DECLINED)


@transaction.atomic
def propose_topic(
    *, community: Community, person: User, now: datetime, values: dict[str, Any]
) -> TopicProposal:
    """Members and allies propose (TP7). A double press makes one topic.

    `values`: title, description, wished_kind, show_name, language. Raises ActionError.
    """
    if not may_see_audience(person, community, "members_and_allies"):
        raise ActionError(_("Topics are proposed by members and allies."))
    # One at a time for each person, so that a double press finds the first.
    User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    mine = TopicProposal.objects.filter(community=community, proposed_by=person)
    title = " ".join(str(values.get("title", "")).split())
    if not title:
        raise ActionError(_("Give your topic a title."))
    twin = mine.filter(title=title, proposed_at__gt=now - timedelta(minutes=10)).first()
    if twin is not None:
        return twin
    if mine.filter(state=State.PROPOSED).count() >= MOST_WAITING:
        raise ActionError(_("Ten of your topics wait to be read already. Let us read those first."))
    if mine.filter(proposed_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise ActionError(_("That is five topics in one day. Please come back tomorrow."))
    topic = TopicProposal.objects.create(
        **{**values, "title": title}, community=community, proposed_by=person, proposed_at=now,
        source=TopicProposal.Source.MEMBER,
    )  # fmt: skip
    _note("topic_proposed", topic, person)
    return topic


@transaction.atomic
def withdraw_topic(*, topic: TopicProposal, by: User) -> None:
    """One's own, as long as nobody has read it."""
    row = _locked(topic)
    if row.proposed_by_id != by.pk or row.state != State.PROPOSED:
        raise ActionError(_("This topic has been read already. Write to the coordinator."))
    _note("topic_withdrawn", row, by)
    row.delete()


@transaction.atomic
def add_topic(*, topic: TopicProposal, by: User, now: datetime) -> TopicProposal:
    """By a coordinator: from a survey, a discussion, or their own. Open at once."""
    topic.state, topic.proposed_at, topic.moderated_at = State.OPEN, now, now
    topic.save(force_insert=True)
    _note("topic_added", topic, by)
    return topic


@transaction.atomic
def moderate_topic(
    *,
    topic: TopicProposal,
    to: str,
    by: User,
    now: datetime,
    reason: str = "",
    revisit_on: date | None = None,
) -> TopicProposal:
    """Open it, park it, or decline it; the last two with a reason that everybody can read."""
    row = _locked(topic)
    if to not in MODERATED:
        raise ValueError(to)
    if row.state in {State.ON_BALLOT, State.SCHEDULED, State.COVERED, State.MERGED}:
        raise ActionError(_("This topic is in a vote, has a meeting, or was joined: it stays."))
    reason = " ".join(reason.split())[:300]
    if to != State.OPEN and not reason:
        raise ActionError(_("Say in a few words why; everybody who sees the topic can read it."))
    values = {
        "state": to,
        "reason": "" if to == State.OPEN else reason,
        "revisit_on": revisit_on if to == State.PARKED else None,
        "moderated_at": now,
    }
    _set(row, **values)
    emails.tell_proposer(row, now=now)
    _note("topic_moderated", row, by)
    return row


@transaction.atomic
def merge_topics(
    *, topic: TopicProposal, into: TopicProposal, by: User, now: datetime
) -> TopicProposal:
    """`topic` lives on in `into`. While both stand in one vote nothing is joined: people have
    given their dots to two topics, and nobody but they can say what they meant."""
    first, second = sorted([topic.pk, into.pk])
    rows = {row.pk: row for row in _rows().filter(pk__in=[first, second]).order_by("pk")}
    if topic.pk == into.pk or len(rows) < 2:
        raise ActionError(_("Choose another topic to join it with."))
    row, target = rows[topic.pk], rows[into.pk]
    settled = row.state in {State.SCHEDULED, State.COVERED, State.MERGED}
    if row.community_id != target.community_id or target.state == State.MERGED or settled:
        raise ActionError(_("These two cannot be joined. Choose another topic."))
    if BallotMark.objects.filter(option__topic__in=rows).exists() or row.state == State.ON_BALLOT:
        raise ActionError(
            _("A vote with this topic is open. Join them when its result is published.")
        )
    BallotOption.objects.filter(topic=row, ballot__state="draft").delete()
    _set(row, state=State.MERGED, merged_into=target, moderated_at=now)
    emails.tell_proposer(row, now=now)
    _note("topic_merged", row, by)
    return target


@transaction.atomic
def attach_topic(
    *, meeting: Meeting, topic: TopicProposal | None, by: User, now: datetime
) -> Meeting:
    """The topic gets this meeting, and what it had before is free again. None: no topic."""
    row = lock_meeting(meeting)
    if row.state not in {Meeting.State.DRAFT, Meeting.State.SCHEDULED}:
        raise ActionError(_("This meeting is over or cancelled, so its topic stays."))
    if topic is not None:
        chosen = _locked(topic)
        if chosen.community_id != row.community_id or chosen.state not in TopicProposal.ALIVE:
            raise ActionError(_("This topic is not open any more. Choose another one."))
        if chosen.state == State.ON_BALLOT:
            raise ActionError(_("This topic is in a vote. Wait for the result."))
    if row.topic_id == (topic.pk if topic else None):
        return row
    old = row.topic
    Meeting.objects.filter(pk=row.pk).update(topic=topic)
    if old is not None and old.state == State.SCHEDULED and not _has_meeting(old):
        _set(old, state=_before_meeting(old))
    if topic is not None:
        _set(chosen, state=State.SCHEDULED)
        emails.tell_proposer(chosen, now=now, meeting=row)
    record("meeting_topic_chosen", row, by=by, scope=row.community.public_id)
    return row


def _before_meeting(topic: TopicProposal) -> str:
    """Chosen only if a vote chose it: a topic that got its meeting without one is open again."""
    chosen = BallotOption.objects.filter(
        topic=topic, ballot__state=Ballot.State.PUBLISHED, place__isnull=False
    )
    return State.SHORTLISTED if chosen.exists() else State.OPEN


def _has_meeting(topic: TopicProposal) -> bool:
    out = [Meeting.State.CANCELLED]
    return Meeting.objects.filter(topic=topic).exclude(state__in=out).exists()


@transaction.atomic
def keep_topics(*, now: datetime) -> None:
    """Covered by a meeting that was held; given back by one that was cancelled."""
    done = Meeting.objects.filter(state__in=[Meeting.State.HELD, Meeting.State.WRAPPED])
    rows = TopicProposal.objects.filter(state=State.SCHEDULED)
    rows.filter(pk__in=done.exclude(topic=None).values("topic")).update(state=State.COVERED)
    alive = Meeting.objects.exclude(state=Meeting.State.CANCELLED).exclude(topic=None)
    off = Meeting.objects.filter(state=Meeting.State.CANCELLED).exclude(topic=None)
    free = rows.filter(pk__in=off.values("topic")).exclude(pk__in=alive.values("topic"))
    for topic in free.select_for_update(of=("self",)).order_by("pk"):
        _set(topic, state=_before_meeting(topic))


def _rows() -> QuerySet[TopicProposal]:
    rows = TopicProposal.objects.select_for_update(of=("self",))
    return rows.select_related("community", "proposed_by")


def _locked(topic: TopicProposal) -> TopicProposal:
    return _rows().get(pk=topic.pk)


def _set(topic: TopicProposal, **values: object) -> None:
    for name, value in values.items():
        setattr(topic, name, value)
    topic.save(update_fields=list(values))


def _note(action: str, topic: TopicProposal, by: User | None) -> None:
    scope = topic.community.public_id
    record(action, topic, by=by, scope=scope, new=topic.state, reason=topic.reason)
