"""The question of the month: the topic that most people wished for lately and that has no place
yet. It is asked of members and allies, as topics are."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from meetings.models import Ballot, TopicProposal
from members.models import Community
from newsletter.models import IssueItem
from newsletter.sources.base import (
    Candidate,
    Gathered,
    News,
    Source,
    Span,
    in_language,
    opening_words,
)

NAME = "topic"
Kind, Edition, State = IssueItem.Kind, IssueItem.Edition, TopicProposal.State


def candidates(span: Span) -> Gathered:
    """One. Votes of the past count, those of a vote that is open are nobody's business (TP1)."""
    rows = TopicProposal.objects.filter(community=span.community, state=State.OPEN)
    rows = rows.exclude(public_id__in=span.told_of(Kind.QUESTION, NAME))
    out = Q(options__ballot__state=Ballot.State.PUBLISHED)
    wished = Coalesce(Sum("options__voters", filter=out), Value(0))
    topic = rows.annotate(wished=wished).order_by("-wished", "-proposed_at", "pk").first()
    if topic is None:
        return Gathered()
    topic.community = span.community
    found = Candidate(
        kind=Kind.QUESTION,
        source=f"{NAME}:{topic.public_id}",
        path=topic.get_absolute_url(),
        edition=Edition.MEMBERS_AND_ALLIES,
        why=_("Wished for, and without a meeting so far"),
        **in_language(topic.language, topic.title, opening_words(topic.description)),
    )
    return Gathered([found])


def look_up(public_ids: Collection[str]) -> dict[str, Source]:
    alive = [*TopicProposal.ALIVE, State.COVERED]
    rows = TopicProposal.objects.filter(public_id__in=public_ids, state__in=alive)
    keys = rows.values_list("public_id", flat=True)
    return {key: Source(Edition.MEMBERS_AND_ALLIES) for key in keys}


def news(community: Community, since: datetime, cut: datetime) -> Iterator[News]:
    """Topics have their own page; a digest of each wish would be noise."""
    yield from ()
