"""Counting against a plain model, with papers drawn at random; and what needs a reason."""

import random
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from meetings.actions.counting import close_ballot
from meetings.models import BallotMark, BallotOption, BallotPaper, TopicProposal
from meetings.queries.counting import natural_places, result_of, unexplained
from tests.factories import make_member
from tests.meetings.ballots.voting import make_open, make_topics

START = datetime(2026, 9, 1, tzinfo=UTC)


def plain_count(topics, papers, seats):
    """TP2 as one would do it by hand: (title, dots, voters) in order, and who is chosen."""
    rows = []
    for topic in topics:
        dots = [paper[topic.pk] for paper in papers if paper.get(topic.pk)]
        rows.append((-sum(dots), -len(dots), topic.proposed_at, topic.pk, topic.title))
    rows.sort()
    order = [(title, -dots, -voters) for dots, voters, _at, _pk, title in rows]
    return order, [title for title, dots, _voters in order if dots][:seats]


def draw_paper(rng, topics, dots, most):
    """Any paper that the rules allow, empty ones too."""
    paper = {}
    for _dot in range(rng.randint(0, dots)):
        topic = rng.choice(topics).pk
        if paper.get(topic, 0) < most:
            paper[topic] = paper.get(topic, 0) + 1
    return paper


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_counting_agrees_with_the_plain_model(community, priya, seed):
    rng = random.Random(seed)
    people = [make_member(community, f"P{n}") for n in range(rng.randint(1, 14))]
    topics = make_topics(community, [f"T{n}" for n in range(rng.randint(2, 9))])
    for topic in topics:
        # Ties in the time of the proposal too.
        topic.proposed_at = START + timedelta(days=rng.randint(0, 3))
    TopicProposal.objects.bulk_update(topics, ["proposed_at"])
    most = rng.randint(1, 3)
    ballot = make_open(
        community, priya, topics, dots=rng.randint(most, 6), most_on_one=most,
        seats=rng.randint(1, 5),
    )  # fmt: skip
    option_of = dict(ballot.options.values_list("topic", "pk"))
    papers = []
    for person in people:
        drawn = draw_paper(rng, topics, ballot.dots, most)
        if not drawn:
            continue
        papers.append(drawn)
        row = BallotPaper.objects.get(ballot=ballot, person=person)
        BallotPaper.objects.filter(pk=row.pk).update(cast_at=ballot.opens_at)
        BallotMark.objects.bulk_create(
            BallotMark(paper=row, option_id=option_of[topic], dots=n) for topic, n in drawn.items()
        )

    closed = close_ballot(ballot=ballot, now=ballot.closes_at)

    order, chosen = plain_count(topics, papers, ballot.seats)
    rows = ballot.options.order_by("rank")
    assert list(rows.values_list("topic__title", "dots", "voters")) == order
    assert list(rows.values_list("rank", flat=True)) == list(range(1, len(topics) + 1))
    assert list(
        rows.filter(place__isnull=False).order_by("place").values_list("topic__title", flat=True)
    ) == chosen  # fmt: skip
    assert closed.papers_cast == len(papers) == ballot.papers.exclude(cast_at=None).count()
    assert closed.electorate == len(people)


def rows_of(*voters):
    return [
        BallotOption(pk=n, rank=n, dots=count, voters=count)
        for n, count in enumerate(voters, start=1)
    ]


def departs(options, places, seats):
    """By hand: is any topic moved, passed over or taken in against the votes?"""
    order = sorted(places, key=places.get)
    wanted = [one.pk for one in options if one.voters]
    return order != wanted[:seats]


@pytest.mark.parametrize("seats", [1, 2, 3])
@pytest.mark.parametrize("voters", [(3, 2, 1, 0), (2, 1, 0, 0), (0, 0, 0, 0), (4, 3, 2, 1)])
def test_every_departure_needs_a_reason_and_nothing_else_does(voters, seats):
    options = rows_of(*voters)
    for size in range(seats + 1):
        for order in permutations([one.pk for one in options], size):
            places = {pk: place for place, pk in enumerate(order, start=1)}
            missing = unexplained(options, places, {}, seats)
            assert bool(missing) == departs(options, places, seats), (order, missing)
            # With a reason at each that was named, nothing is left to explain.
            reasons = {one.pk: "Because" for one in missing}
            assert unexplained(options, places, reasons, seats) == []


def test_nobody_voted_for_is_not_chosen_by_itself():
    assert natural_places(rows_of(2, 0, 0), 3) == {1: 1}


@pytest.mark.django_db
@pytest.mark.parametrize(("electorate", "shows"), [(9, False), (10, True)])
def test_small_electorates_see_the_order_only(community, priya, dani, electorate, shows):
    ballot = make_open(community, priya)
    ballot.state, ballot.electorate = "closed", electorate
    result = result_of(ballot, [])
    assert result.shows_numbers is shows
    ballot.state = "open"
    assert result_of(ballot, rows_of(3, 2)).rows == []
