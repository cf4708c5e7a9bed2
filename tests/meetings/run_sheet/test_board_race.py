"""Two topics for one place at one moment: real threads; and the control without the constraint."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from cop.core.errors import ActionError
from meetings.actions import board as actions
from meetings.models import AgendaStep, BoardTopic, Meeting
from tests.factories import make_community, make_meeting, make_member
from tests.meetings.conftest import START
from tests.meetings.test_rsvp_race import at_once

pytestmark = pytest.mark.django_db(transaction=True)
SOON = START - timedelta(hours=1)
THREADS = 12
INDEX = "board_one_topic_a_place"


def race() -> tuple[list[Any], int]:
    community = make_community("every-door")
    meeting = make_meeting(community)
    AgendaStep.objects.create(meeting=meeting, order=2, title="S", minutes=30, room="breakout")
    people = [make_member(community, f"Person{n}") for n in range(THREADS)]
    actions.set_up_board(meeting=meeting, rooms=1, by=people[0])
    topics = [
        actions.propose_board_topic(meeting=meeting, title=f"T{n}", by=person, now=SOON)
        for n, person in enumerate(people)
    ]
    spot = {"slot": meeting.board_slots.get(), "room": meeting.board_rooms.get()}
    results = at_once([
        lambda t=topic, p=person: actions.place_board_topic(topic=t, by=p, now=SOON, **spot)
        for topic, person in zip(topics, people, strict=True)
    ])  # fmt: skip
    version = Meeting.objects.get(pk=meeting.pk).board_version
    assert version == 1 + THREADS + results.count(None)
    return results, BoardTopic.objects.filter(slot__isnull=False).count()


def test_one_wins_and_the_others_read_why() -> None:
    results, placed = race()
    assert placed == 1
    losers = [result for result in results if result is not None]
    assert len(losers) == THREADS - 1
    assert all(isinstance(error, ActionError) for error in losers), losers


def test_control_without_the_constraint() -> None:
    constraint = next(c for c in BoardTopic._meta.constraints if c.name == INDEX)
    with connection.schema_editor() as editor:
        editor.remove_constraint(BoardTopic, constraint)
    try:
        _results, placed = race()
        assert placed == THREADS
    finally:
        BoardTopic.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(BoardTopic, constraint)
