"""Topics and votes of the demo: as proposed, voted on and met about. Rows; no mail is queued."""

import random
from datetime import date, datetime, timedelta
from typing import Any

from cop.demo.dates import DemoCalendar, at
from meetings.models import (
    Ballot,
    BallotMark,
    BallotOption,
    BallotPaper,
    Meeting,
    TopicProposal,
)
from members.models import Community, User

# How long before its first vote a topic was proposed, in days, by its place in the list.
BEFORE = 21
TITLES = {
    "b1": "April to June: what should we meet about?",
    "b2": "August to March: what should we meet about?",
    "b3": "April to June: what should we meet about next?",
}


def make_topics(
    community: Community,
    data: dict[str, Any],
    people: dict[str, User],
    meetings: dict[int, Meeting],
    days: DemoCalendar,
    rng: random.Random,
) -> None:
    opens = {row["key"]: days.near_meeting(row["opens"]) for row in data["ballots"]}
    topics = {
        row["key"]: _topic(community, row, people, opens, number)
        for number, row in enumerate(data["topics"])
    }
    for row in data["meetings"]:
        Meeting.objects.filter(pk=meetings[row["n"]].pk).update(topic=topics[row["topic"]])
    for row in data["ballots"]:
        inside = [one for one in data["topics"] if one.get("ballot") == row["key"]]
        _ballot(community, row, inside, topics, days, rng)


def _topic(
    community: Community,
    row: dict[str, Any],
    people: dict[str, User],
    opens: dict[str, date],
    number: int,
) -> TopicProposal:
    day = opens[row.get("ballot", "b1")] - timedelta(days=BEFORE - number % 14)
    return TopicProposal.objects.create(
        community=community,
        title=row["title"],
        source=row["source"],
        proposed_by=people.get(row.get("by", "")),
        state=row["state"],
        reason=row.get("reason", ""),
        proposed_at=at(day),
        moderated_at=at(day + timedelta(days=1)),
    )


def _ballot(
    community: Community,
    row: dict[str, Any],
    inside: list[dict[str, Any]],
    topics: dict[str, TopicProposal],
    days: DemoCalendar,
    rng: random.Random,
) -> None:
    shifted = days.shifted if row["state"] == "open" else days.near_meeting
    opens = at(shifted(row["opens"]))
    closes = opens + (row["closes"] - row["opens"]) + timedelta(hours=5)
    is_over = row["state"] == "published"
    ballot = Ballot.objects.create(
        community=community,
        title=TITLES[row["key"]],
        dots=row["dots_each"],
        seats=max(sum(topics[one["key"]].state != "parked" for one in inside), 2) if is_over else 3,
        opens_at=opens,
        closes_at=closes,
        state=row["state"],
        confirmed_at=opens - timedelta(days=2),
        published_at=closes + timedelta(days=1) if is_over else None,
    )
    ranked = sorted(inside, key=lambda one: -one.get("dots", 0))
    options = [
        _option(ballot, topics[one["key"]], one, rank, is_over=is_over)
        for rank, one in enumerate(ranked, start=1)
    ]
    electorate = row["electorate"] if is_over else None
    _papers(ballot, options, row["papers"], electorate, opens, rng)


def _option(
    ballot: Ballot, topic: TopicProposal, row: dict[str, Any], rank: int, *, is_over: bool
) -> BallotOption:
    counted = {}
    if is_over:
        chosen = rank <= ballot.seats
        counted = {
            "dots": row["dots"], "voters": round(row["dots"] * 0.7), "rank": rank,
            "place": rank if chosen else None,
        }  # fmt: skip
    return BallotOption.objects.create(ballot=ballot, topic=topic, order=rank, **counted)


def _papers(
    ballot: Ballot,
    options: list[BallotOption],
    cast: int,
    electorate: int | None,
    opens: datetime,
    rng: random.Random,
) -> None:
    """Of a vote that is over only the numbers are left, as the product itself keeps them."""
    members = list(
        User.objects.filter(
            memberships__community=ballot.community,
            memberships__category="member",
            memberships__state__in=["active", "grace"],
        ).order_by("pk")
    )
    if electorate is not None:
        Ballot.objects.filter(pk=ballot.pk).update(electorate=electorate, papers_cast=cast)
        return
    # The people one can sign in as have not voted yet.
    last = [one for one in members if one.display_name.startswith(("Ravi", "Dani"))]
    voters = [one for one in members if one not in last]
    rng.shuffle(voters)
    voted = set(voters[:cast])
    papers = BallotPaper.objects.bulk_create(
        BallotPaper(
            ballot=ballot,
            person=person,
            cast_at=opens + timedelta(hours=rng.randint(1, 100)) if person in voted else None,
            version=1 if person in voted else 0,
        )
        for person in members
    )
    BallotMark.objects.bulk_create(
        BallotMark(paper=paper, option=option, dots=dots)
        for paper in papers
        if paper.cast_at
        for option, dots in zip(rng.sample(options, 2), (2, 1), strict=True)
    )
    Ballot.objects.filter(pk=ballot.pk).update(electorate=len(papers), papers_cast=cast)
