"""The next open slots of a community, for the topics that a vote has chosen (TP4, TP6)."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from meetings.models import Ballot, BallotOption, Meeting, TopicProposal


def open_slots(ballot: Ballot, now: datetime) -> list[Meeting]:
    """Drafts to come that have no topic, the soonest first. Working groups choose their own."""
    rows = Meeting.objects.filter(
        community=ballot.community, state=Meeting.State.DRAFT, topic=None, starts_at__gt=now
    ).exclude(kind=Meeting.Kind.WORKING_GROUP)
    return list(rows.order_by("starts_at", "pk"))


def waiting_options(ballot: Ballot) -> list[BallotOption]:
    """The chosen topics that have no meeting yet, in their binding order."""
    rows = ballot.options.filter(place__isnull=False, topic__state=TopicProposal.State.SHORTLISTED)
    return list(rows.select_related("topic").order_by("place"))


def kept_free(slots: Sequence[Meeting], zone: str) -> set[int]:
    """Of each quarter the last dialogue, for questions that cannot wait (TP6)."""
    last: dict[tuple[int, int], int] = {}
    for meeting in slots:
        if meeting.kind == Meeting.Kind.DIALOGUE:
            day = meeting.starts_at.astimezone(ZoneInfo(zone))
            last[day.year, (day.month - 1) // 3] = meeting.pk
    return set(last.values())


def propose_slots(
    options: Sequence[BallotOption], slots: Sequence[Meeting], zone: str
) -> dict[int, Meeting]:
    """option -> meeting: the first topic takes the first slot, and so on."""
    free = kept_free(slots, zone)
    usable = [meeting for meeting in slots if meeting.pk not in free]
    return {option.pk: meeting for option, meeting in zip(options, usable, strict=False)}
