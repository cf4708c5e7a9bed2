"""The race for seats, with real threads and connections, and the control that shows it matters."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F

from cop.core.errors import ActionError
from meetings.actions import answer_rsvp, change_capacity, rsvp, seats
from meetings.models import Meeting, Rsvp
from outbox.models import Delivery
from tests.factories import make_community, make_meeting, make_member, make_staff
from tests.meetings.conftest import NOW, assert_seats_add_up

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, SEATS = 40, 10


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Run all of them at the same moment, each on a connection of its own; results or errors."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=30)
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.fixture
def crowd():
    community = make_community("every-door")
    meeting = make_meeting(community, capacity=SEATS)
    people = [make_member(community, f"Person{n}") for n in range(THREADS)]
    return meeting, people


def press(meeting, person, answer="going"):
    fresh = Meeting.objects.get(pk=meeting.pk)
    return answer_rsvp(meeting=fresh, person=person, answer=answer, now=NOW)


def test_forty_people_for_ten_seats(crowd):
    meeting, people = crowd

    results = at_once([lambda p=person: press(meeting, p) for person in people])

    assert all(isinstance(result, Rsvp) for result in results), results
    assert meeting.rsvps.filter(state="going").count() == SEATS
    waiting = meeting.rsvps.waiting().order_by("wait_ticket")
    assert [one.wait_ticket for one in waiting] == list(range(1, THREADS - SEATS + 1))
    assert Delivery.objects.filter(kind="rsvp_confirmed").count() == SEATS
    assert_seats_add_up()


def test_without_the_condition_the_seats_are_oversold_or_the_check_stops_it(crowd, monkeypatch):
    """The control: counting up without asking. Then only the CHECK of the database stands."""
    meeting, people = crowd

    def careless(row, *, now):
        return Meeting.objects.filter(pk=row.pk).update(going_count=F("going_count") + 1) == 1

    monkeypatch.setattr(rsvp, "take_seat", careless)
    monkeypatch.setattr(rsvp, "stand_in_line", lambda *any, **named: False)
    results = at_once([lambda p=person: press(meeting, p) for person in people])

    errors = [result for result in results if isinstance(result, IntegrityError)]
    assert len(errors) == THREADS - SEATS
    assert "meeting_never_over_capacity" in str(errors[0])


def test_without_the_check_the_careless_way_oversells(crowd, monkeypatch):
    """Reading first and writing later, as code does without any lock: more people than seats."""
    meeting, people = crowd

    def careless(row, *, now):
        free = Meeting.objects.get(pk=row.pk).going_count < SEATS
        return free and bool(Meeting.objects.filter(pk=row.pk).update(wait_next=F("wait_next")))

    monkeypatch.setattr(rsvp, "take_seat", careless)
    at_once([lambda p=person: press(meeting, p) for person in people])

    assert meeting.rsvps.filter(state="going").count() > SEATS
    Rsvp.objects.all().delete()


def test_a_double_click_is_one_answer_and_one_mail(crowd):
    meeting, (dani, *_) = crowd

    results = at_once([lambda: press(meeting, dani)] * 8)

    assert {result.state for result in results} == {"going"}
    assert meeting.rsvps.count() == 1
    assert Delivery.objects.count() == 1
    assert_seats_add_up()


def test_answers_cancels_and_more_seats_all_mixed(crowd):
    """F15 in small: whatever the order, the counter holds and no seat is free before a line."""
    meeting, people = crowd
    coordinator = make_staff(meeting.community)
    for person in people[:20]:
        press(meeting, person)

    def more_seats():
        fresh = Meeting.objects.get(pk=meeting.pk)
        return change_capacity(meeting=fresh, capacity=14, by=coordinator, now=NOW)

    works = [lambda p=person: press(meeting, p, "not_going") for person in people[:20]]
    works += [lambda p=person: press(meeting, p) for person in people[20:]]
    works.append(more_seats)
    random.Random(7).shuffle(works)
    results = at_once(works)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert_seats_add_up()
    meeting.refresh_from_db()
    assert (meeting.capacity, meeting.going_count) == (14, 14)
    assert meeting.rsvps.waiting().count() == 6


def test_a_long_wait_at_the_door_is_tried_again(crowd, monkeypatch):
    """Somebody holds the row for longer than the lock timeout: the next try gets through."""
    meeting, (dani, *_) = crowd
    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        release.wait(timeout=10)

    release, held = Barrier(2), Barrier(2)

    def hold() -> None:
        with transaction.atomic():
            seats.lock_meeting(meeting)
            held.wait(timeout=10)
            release.wait(timeout=20)

    def come() -> Rsvp:
        held.wait(timeout=10)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        return press(meeting, dani)

    monkeypatch.setattr(seats, "sleep", nap)
    __, result = at_once([hold, come])

    assert result.state == "going"
    assert len(naps) == 1


def test_who_waits_too_long_is_told_so(crowd, monkeypatch):
    meeting, (dani, *_) = crowd
    held, done = Barrier(2), Barrier(2)

    def hold() -> None:
        with transaction.atomic():
            seats.lock_meeting(meeting)
            held.wait(timeout=10)
            done.wait(timeout=20)

    def come() -> Rsvp:
        held.wait(timeout=10)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '50ms'")
            return press(meeting, dani)
        finally:
            done.wait(timeout=10)

    monkeypatch.setattr(seats, "sleep", lambda seconds: None)
    __, result = at_once([hold, come])

    assert isinstance(result, ActionError)
    assert "press the button again" in str(result)
