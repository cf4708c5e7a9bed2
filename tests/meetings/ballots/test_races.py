"""Two at the same moment, with real threads and connections."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.errors import ActionError
from meetings.actions.ballot_clock import keep_ballots
from meetings.actions.ballots import confirm_ballot
from meetings.actions.casting import cast_paper
from meetings.actions.counting import close_ballot, publish_ballot
from meetings.models import Ballot, BallotMark, BallotPaper
from outbox.actions import update_subscriptions
from outbox.models import Delivery
from tests.factories import make_community, make_member, make_staff
from tests.meetings.ballots.voting import make_draft, make_open, options, paper
from tests.meetings.test_rsvp_race import at_once

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


@pytest.fixture
def scene():
    community = make_community("every-door")
    people = [make_member(community, f"P{n}") for n in range(PEOPLE)]
    priya = make_staff(community)
    return community, people, priya


def assert_papers_add_up(ballot):
    ballot = Ballot.objects.get(pk=ballot.pk)
    cast = ballot.papers.filter(cast_at__isnull=False)
    assert ballot.papers_cast == cast.count()
    assert ballot.papers.filter(marks__isnull=False).distinct().count() <= cast.count()
    for one in cast:
        assert sum(one.marks.values_list("dots", flat=True)) <= ballot.dots


def test_many_windows_of_one_person_make_one_paper(scene):
    community, people, priya = scene
    ballot = make_open(community, priya)
    keys = options(ballot)
    rows = [paper(ballot, people[0]) for _n in range(10)]
    works = [
        lambda row=row, key=keys[n % 3]: cast_paper(
            paper=row, dots={key: 2}, version=0, now=timezone.now()
        )
        for n, row in enumerate(rows)
    ]
    results = at_once(works)

    assert BallotMark.objects.count() == 1
    stored = BallotPaper.objects.get(person=people[0])
    assert stored.version == 1
    for result in results:
        assert isinstance(result, (BallotPaper, ActionError)), result
    assert_papers_add_up(ballot)


def test_votes_while_it_closes_are_counted_or_refused(scene):
    community, people, priya = scene
    ballot = make_open(community, priya)
    keys = options(ballot)
    end = ballot.closes_at
    rows = [paper(ballot, person) for person in people]
    works = [
        lambda row=row: cast_paper(
            paper=row, dots={random.choice(keys): 1}, version=0,
            now=end - timedelta(seconds=1),
        )
        for row in rows
    ]  # fmt: skip
    results = at_once([*works, lambda: close_ballot(ballot=ballot, now=end)])

    voted = sum(isinstance(result, BallotPaper) for result in results)
    closed = Ballot.objects.get(pk=ballot.pk)
    assert closed.papers_cast == voted
    assert sum(ballot.options.values_list("dots", flat=True)) == voted
    assert_papers_add_up(ballot)


def test_opened_closed_and_published_once(scene):
    community, people, priya = scene
    now = timezone.now()
    for person in people:
        update_subscriptions(
            person=person, scope=community.public_id, kinds={"ballots"}, source="t", now=now
        )
    ballot = make_draft(community, priya, now=now)
    at_once([lambda: confirm_ballot(ballot=ballot, by=priya, now=now) for _n in range(4)])
    assert ballot.papers.count() == PEOPLE
    results = at_once([lambda: keep_ballots(now=now) for _n in range(4)])
    assert results == [None] * 4
    assert Delivery.objects.filter(kind="ballot_open").count() == PEOPLE
    end = Ballot.objects.get().closes_at
    at_once([lambda: keep_ballots(now=end) for _n in range(4)])
    results = at_once(
        [
            lambda: publish_ballot(
                ballot=Ballot.objects.get(), order=[], reasons={}, by=priya, now=end
            )
            for _n in range(4)
        ]
    )
    assert all(isinstance(result, Ballot) for result in results), results
    assert set(ballot.options.values_list("topic__times_carried", flat=True)) == {0}
