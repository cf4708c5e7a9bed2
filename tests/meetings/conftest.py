from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from meetings.actions import answer_rsvp
from meetings.models import Meeting, Rsvp
from members.models import Community
from tests.factories import make_meeting

# Thursday 3 December 2026, 9:00 in Vancouver: a week before the meeting of the factory.
NOW = datetime(2026, 12, 3, 16, 0, tzinfo=UTC)
START = datetime(2026, 12, 10, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def meeting(community: Community) -> Meeting:
    return make_meeting(community)


@pytest.fixture
def say(meeting: Meeting) -> Callable[..., Rsvp]:
    """`say(dani)`: an answer to `meeting`, a week before it."""

    def _say(person: Any, answer: str = "going", *, now: datetime = NOW, **other: Any) -> Rsvp:
        return answer_rsvp(
            meeting=Meeting.objects.get(pk=other.pop("meeting", meeting).pk),
            person=person,
            answer=answer,
            now=now,
            **other,
        )

    return _say


def states(meeting: Meeting) -> dict[str, str]:
    """First names and their answers."""
    rows = meeting.rsvps.select_related("person").order_by("pk")
    return {rsvp.person.get_short_name(): rsvp.state for rsvp in rows}


def assert_seats_add_up() -> None:
    """The invariant of reliability 5.5: the counter follows the rows, and never passes the room."""
    for meeting in Meeting.objects.all():
        held = meeting.rsvps.filter(holds_seat=True).count()
        assert meeting.going_count == held
        assert meeting.capacity is None or held <= meeting.capacity


@pytest.fixture(autouse=True)
def _seats_add_up(request: pytest.FixtureRequest) -> Any:
    """After each test that touches the database."""
    uses_db = "community" in request.fixturenames or "db" in request.fixturenames
    if uses_db:
        request.getfixturevalue("db")
    yield
    if uses_db:
        assert_seats_add_up()
