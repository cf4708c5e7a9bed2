"""A room that is to shrink: fewer seats are wanted than are taken (reliability 5.5)."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import IntegrityError, transaction

from meetings.actions import answer_rsvp
from meetings.actions.line import stand_in_line
from meetings.actions.seats import fill_seats, lock_meeting
from meetings.models import Meeting, Rsvp
from outbox.models import Delivery
from tests.factories import make_member
from tests.meetings.conftest import NOW, START, states


@pytest.fixture
def full(community, meeting, say):
    """Four seats, all taken; two in line; two seats are wanted."""
    Meeting.objects.filter(pk=meeting.pk).update(capacity=4)
    people = [make_member(community, f"Person{n}") for n in range(6)]
    for person in people:
        say(person)
    Meeting.objects.filter(pk=meeting.pk).update(target_capacity=2)
    return people


def seats_of(meeting):
    meeting.refresh_from_db()
    return meeting.capacity, meeting.target_capacity, meeting.going_count


def test_a_freed_seat_goes_out_of_the_room_until_it_is_small_enough(meeting, full, say):
    say(full[0], "not_going")
    assert seats_of(meeting) == (3, 2, 3)
    say(full[1], "not_going")
    assert seats_of(meeting) == (2, None, 2)
    assert meeting.rsvps.waiting().count() == 2
    assert not Delivery.objects.filter(kind="promoted").exists()

    say(full[2], "not_going")
    assert seats_of(meeting) == (2, None, 2)
    assert states(meeting)["Person4"] == "going"
    assert states(meeting)["Person5"] == "waitlisted"


def test_nobody_gets_a_seat_that_is_to_go(meeting, full, say, dani):
    say(full[0], "not_going")

    assert say(dani).state == "waitlisted"
    assert say(full[0]).state == "waitlisted"
    row = lock_meeting(meeting)
    assert fill_seats(row, now=NOW) == 0


def test_in_the_last_hours_the_room_shrinks_too(meeting, full, say):
    say(full[0], "not_going", now=START - timedelta(hours=1))

    assert seats_of(meeting) == (3, 2, 3)


def test_who_gives_up_a_place_in_line_takes_no_seat_away(meeting, full, say):
    say(full[5], "not_going")

    assert seats_of(meeting) == (4, 2, 4)


def test_who_comes_again_after_a_move_keeps_the_seat(meeting, full, say):
    """needs_confirmation with a seat, then yes: nothing is counted twice, nothing taken away."""
    meeting.rsvps.filter(person=full[0]).update(state=Rsvp.State.NEEDS_CONFIRMATION)

    assert say(full[0]).state == "going"
    assert seats_of(meeting) == (4, 2, 4)


@pytest.mark.parametrize("target", [4, 5])
def test_a_target_that_is_no_smaller_is_refused_by_the_database(meeting, full, target):
    with pytest.raises(IntegrityError, match="target_below_capacity"), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(target_capacity=target)


# --- The short way into the line --------------------------------------------------------------


def line_up(meeting, person, *, now=NOW):
    rsvp = Rsvp(meeting=meeting, person=person, state="waitlisted", answered_at=now)
    return rsvp if stand_in_line(meeting, rsvp, now=now) else None


def test_stand_in_line_writes_what_the_careful_way_writes(meeting, dani, ally, priya, say):
    Meeting.objects.update(capacity=1)
    say(dani)
    short = line_up(meeting, ally)
    with mock.patch("meetings.actions.rsvp.stand_in_line", return_value=False):
        careful = say(priya)

    assert (short.wait_ticket, careful.wait_ticket) == (1, 2)
    rows = [Rsvp.objects.filter(pk=one.pk).values().get() for one in (short, careful)]
    for row in rows:
        for name in ("id", "person_id", "wait_ticket"):
            del row[name]
    assert rows[0] == rows[1]


def test_stand_in_line_leaves_all_else_to_the_careful_way(meeting, dani, ally, say):
    Meeting.objects.update(capacity=1)
    assert line_up(meeting, ally) is None
    say(dani)
    assert line_up(meeting, dani) is None
    assert line_up(meeting, ally, now=START) is None
    Meeting.objects.update(state="cancelled", cancel_reason="Snow")
    assert line_up(meeting, ally) is None
    meeting.refresh_from_db()
    assert (meeting.wait_next, meeting.rsvps.count()) == (0, 1)


def test_who_read_a_full_page_and_finds_a_seat_gets_it(meeting, dani, ally, say):
    Meeting.objects.update(capacity=1)
    say(dani)
    stale = Meeting.objects.get(pk=meeting.pk)
    say(dani, "not_going")

    assert answer_rsvp(meeting=stale, person=ally, answer="going", now=NOW).state == "going"
