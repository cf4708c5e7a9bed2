"""Votes: who may vote, what a paper says, what the front page tells (TP1, TP5, TP7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from meetings.models import Ballot, BallotOption, BallotPaper, TopicProposal
from members.access import Visitor
from members.models import Affiliation, Community, Membership, User

State = Ballot.State
SHORTEST = timedelta(days=7)
# So long the front page of the community says that a result is there.
STILL_NEW = timedelta(days=14)


def electors(community: Community) -> QuerySet[User]:
    """Members in good standing. Allies propose and look on (TP7); behind the wall nobody votes."""
    standing = community.memberships.filter(
        category=Membership.Category.MEMBER, state__in=Membership.CURRENT_STATES
    )
    walled = Affiliation.objects.exclude(state=Affiliation.State.ENDED).filter(
        person=OuterRef("pk"), organization__is_regulator_or_funder=True
    )
    people = User.objects.filter(pk__in=standing.values("person"), is_active=True)
    return people.exclude(Exists(walled))


def may_still_vote(paper: BallotPaper) -> bool:
    """Who left since it opened keeps what they said; they cannot change it any more."""
    return electors(paper.ballot.community).filter(pk=paper.person_id).exists()


def eligible_topics(communities: QuerySet[Community]) -> QuerySet[TopicProposal]:
    """Those that a vote can put to people, the ones carried over first (TP5)."""
    rows = TopicProposal.objects.filter(
        community__in=communities, state=TopicProposal.State.OPEN, is_urgent=False
    )
    return rows.order_by("-times_carried", "proposed_at", "pk")


def paper_of(person: Visitor, ballot: Ballot) -> BallotPaper | None:
    if not person.is_authenticated or getattr(person, "sees_as_member_of", None):
        return None
    paper = BallotPaper.objects.filter(ballot=ballot, person=person).first()
    if paper is not None:
        paper.ballot, paper.person = ballot, person
    return paper


def is_taking_papers(ballot: Ballot, now: datetime) -> bool:
    return ballot.state == State.OPEN and ballot.opens_at <= now < ballot.closes_at


def options_of(ballot: Ballot) -> list[BallotOption]:
    """In the order of the paper, the topics with them."""
    return list(ballot.options.select_related("topic").order_by("order", "pk"))


def marks_of(paper: BallotPaper | None) -> dict[int, int]:
    """option -> dots, of one's own paper."""
    if paper is None or paper.cast_at is None:
        return {}
    return dict(paper.marks.values_list("option_id", "dots"))


@dataclass(frozen=True)
class Card:
    """What the front page says to somebody who has a paper."""

    ballot: Ballot
    has_voted: bool
    is_open: bool


def card_for(person: Visitor, community: Community, now: datetime) -> Card | None:
    """The vote that closes next, else the newest result; None for all who have no paper."""
    if not person.is_authenticated or getattr(person, "sees_as_member_of", None):
        return None
    papers = BallotPaper.objects.filter(
        person=person, ballot__in=Ballot.objects.visible_to(person).filter(community=community)
    )
    live = papers.filter(
        ballot__state=State.OPEN, ballot__opens_at__lte=now, ballot__closes_at__gt=now
    )
    fresh = papers.filter(ballot__state=State.PUBLISHED, ballot__published_at__gt=now - STILL_NEW)
    found = list((live | fresh).select_related("ballot").order_by("ballot__closes_at", "pk"))
    if not found:
        return None
    open_ones = [one for one in found if one.ballot.state == State.OPEN]
    paper = open_ones[0] if open_ones else found[-1]
    paper.ballot.community = community
    return Card(paper.ballot, paper.cast_at is not None, bool(open_ones))
