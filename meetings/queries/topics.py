"""Topics as people see them: the list, those that look alike, and the whole thread of one."""

from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest

from meetings.models import Ballot, BallotOption, Meeting, TopicProposal
from meetings.queries.counting import FEW
from members.access import Visitor
from members.calendar import add_business_days
from members.models import Community
from members.models.organizations import Fold

State = TopicProposal.State
GROUPS = {
    "open": (State.OPEN,),
    "vote": (State.ON_BALLOT,),
    "next": (State.SHORTLISTED, State.SCHEDULED),
    "covered": (State.COVERED,),
    "aside": (State.PARKED, State.DECLINED),
}
# How many business days a proposal waits at most before somebody has read it.
READ_WITHIN = 3
NEAR, MOST_ALIKE = 0.32, 5
PAGE = 20


def visible_topics(
    person: Visitor, community: Community, group: str = ""
) -> QuerySet[TopicProposal]:
    """Without a group all but what was joined with another; one's own waiting ones are apart."""
    rows = TopicProposal.objects.visible_to(person).filter(community=community)
    rows = rows.exclude(state__in=[State.MERGED, State.PROPOSED])
    if group in GROUPS:
        rows = rows.filter(state__in=GROUPS[group])
    return rows.select_related("community", "proposed_by").order_by("-proposed_at", "-pk")


def my_waiting(person: Visitor, community: Community) -> list[TopicProposal]:
    """What this person proposed and nobody has read yet."""
    rows = TopicProposal.objects.visible_to(person).filter(
        community=community, proposed_by=person.pk, state=State.PROPOSED
    )
    return list(rows.select_related("community").order_by("-proposed_at", "-pk"))


def similar_topics(person: Visitor, community: Community, title: str) -> list[TopicProposal]:
    """Those whose title looks like this one, accents and capitals aside; the nearest first."""
    title = " ".join(title.split())[:140]
    if len(title) < 4:
        return []
    words = Fold(Value(title))
    alike = Greatest(
        TrigramSimilarity(Fold(F("title")), words), TrigramWordSimilarity(words, Fold(F("title")))
    )
    rows = visible_topics(person, community).annotate(near=alike).filter(near__gte=NEAR)
    return list(rows.order_by("-near", "-proposed_at", "pk")[:MOST_ALIKE])


@dataclass(frozen=True)
class Vote:
    """How a topic fared in one vote; numbers are None where they would point at people (TP8)."""

    ballot: Ballot
    place: int | None
    rank: int | None
    dots: int | None
    voters: int | None


@dataclass(frozen=True)
class Thread:
    """From the proposal to the meeting, as far as this person may see it."""

    topic: TopicProposal
    joined: list[TopicProposal]
    votes: list[Vote]
    meetings: list[Meeting]


def thread_of(topic: TopicProposal, person: Visitor) -> Thread:
    """Three queries."""
    joined = TopicProposal.objects.filter(merged_into=topic).order_by("proposed_at", "pk")
    options = BallotOption.objects.filter(
        topic=topic, ballot__state__in=[Ballot.State.OPEN, Ballot.State.PUBLISHED]
    )
    options = options.select_related("ballot__community").order_by("-ballot__opens_at", "pk")
    meetings = Meeting.objects.visible_to(person).filter(topic=topic)
    meetings = meetings.exclude(state=Meeting.State.CANCELLED).select_related("community")
    return Thread(
        topic,
        list(joined[:20]),
        [_vote(one) for one in options[:10]],
        list(meetings.order_by("-starts_at", "-pk")[:10]),
    )


def _vote(option: BallotOption) -> Vote:
    ballot = option.ballot
    is_out = ballot.state == Ballot.State.PUBLISHED
    shows = is_out and ballot.electorate >= FEW
    return Vote(
        ballot,
        option.place if is_out else None,
        option.rank if is_out else None,
        option.dots if shows else None,
        option.voters if shows else None,
    )


def due_on(topic: TopicProposal) -> date:
    """By when somebody should have read it: three business days."""
    return add_business_days(topic.proposed_at.date(), READ_WITHIN)


def asks_for_a_word(today: date) -> Q:
    """Never read; or parked until a day that has come."""
    return Q(state=State.PROPOSED) | Q(state=State.PARKED, revisit_on__lte=today)
