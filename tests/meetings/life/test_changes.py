"""Changes told once, with before and now, merged over a quarter of an hour (MT4, MT5)."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from meetings.actions import cancel_meeting, change_capacity, replace_door, update_meeting
from meetings.actions.changes import ChangedMeanwhile
from meetings.models import Meeting
from members.models import User
from outbox.models import Delivery
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import NOW, START, states

MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE


@pytest.fixture
def change(meeting: Meeting, priya: User) -> Callable[..., Meeting]:
    """`change(5, duration=60)`: five minutes after the first moment."""

    def _change(after: int = 0, **changes: Any) -> Meeting:
        return update_meeting(
            meeting=meeting, changes=changes, by=priya, now=NOW + after * MINUTE
        )  # fmt: skip

    return _change


def untold() -> Any:
    return Delivery.objects.filter(kind="changed", state="queued")


def sent() -> None:
    untold().update(state="sent", ended_at=NOW)


def folded(text: str) -> str:
    # The year stands there only where it is not this one.
    return " ".join(text.split()).replace(" 2026", "")


def test_the_mail_shows_before_and_now_on_both_clocks(community: Any, meeting: Meeting, change: Any,
                                                      say: Any) -> None:  # fmt: skip
    person = make_member(community, "Kai", timezone="America/Toronto")
    say(person)
    change(local_time=time(13))

    mail = untold().get()
    before = (
        "Thursday 10 December, 12:00 to 1:30 p.m. Eastern time (10:00 to 11:30 a.m. Pacific time)"
    )
    now = "Thursday 10 December, 3:00 to 4:30 p.m. Eastern time (1:00 to 2:30 p.m. Pacific time)"
    assert f"When Before: {before} Now: {now}" in folded(mail.text)
    assert f"Before: {before}<br>" in folded(mail.html)
    assert now in folded(mail.html)
    event = Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
    assert (event["SEQUENCE"], mail.calendar_method) == (1, "REQUEST")


def test_place_and_audience_have_before_and_now_and_the_door_has_no_address(
    meeting: Meeting, change: Any, say: Any, dani: User
) -> None:
    say(dani)
    change(mode="in_person", place="Cedar Hall", audience="members_only", dial_in="555, code 1")

    mail = untold().get()
    assert "Where Before: Online Now: Cedar Hall" in folded(mail.text)
    assert "Who may come Before: Members and allies Now: Members only" in folded(mail.text)
    assert "The number or the code is new." in mail.text
    change(join_url="https://video.example/other", mode="virtual", place="")
    for part in (mail.text, mail.html, untold().get().text, untold().get().html):
        assert "video.example" not in part
        assert "code 1" not in part


def test_several_changes_become_one_mail_that_compares_with_the_first(
    meeting: Meeting, change: Any, say: Any, dani: User
) -> None:
    say(dani)
    change(0, local_time=time(11))
    change(5, local_time=time(12))
    change(14, duration=60)

    mail = untold().get()
    # Bounded: the first change says when it leaves, whatever comes after.
    assert (mail.due_at, mail.key[-2:]) == (NOW + QUARTER, ":3")
    text = folded(mail.text)
    assert "Before: Thursday 10 December, 10:00 to 11:30 a.m." in text
    assert "Now: Thursday 10 December, 12:00 to 1:00 p.m." in text
    assert "11:00" not in text.replace("11:00 a.m. Pacific", "11:00")


def test_after_the_mail_has_left_the_next_one_compares_with_what_it_told(
    meeting: Meeting, change: Any, say: Any, dani: User
) -> None:
    say(dani)
    change(0, local_time=time(11))
    sent()
    change(16, local_time=time(12))

    mail = untold().get()
    assert mail.due_at == NOW + 31 * MINUTE
    assert "Before: Thursday 10 December, 11:00 a.m. to 12:30 p.m." in folded(mail.text)


def test_a_mail_that_could_not_leave_yet_keeps_what_it_compares_with(
    meeting: Meeting, change: Any, say: Any, dani: User
) -> None:
    say(dani)
    change(0, local_time=time(11))
    change(40, local_time=time(12))

    mail = untold().get()
    assert mail.due_at == NOW + 40 * MINUTE
    assert "Before: Thursday 10 December, 10:00 to 11:30 a.m." in folded(mail.text)


def test_what_came_back_is_told_to_nobody_and_every_yes_holds(
    meeting: Meeting, change: Any, say: Any, dani: User, ally: User
) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    say(dani)
    say(ally)
    change(0, local_date=date(2026, 12, 17))
    assert states(meeting) == {"Dani": "needs_confirmation", "Femi": "waitlisted"}
    change(10, local_date=date(2026, 12, 10))

    assert not untold().exists()
    assert states(meeting) == {"Dani": "going", "Femi": "waitlisted"}
    meeting.refresh_from_db()
    assert meeting.sequence == 2, "a feed may have shown the number between"


def test_whoever_answered_in_between_is_told_that_it_came_back(
    meeting: Meeting, change: Any, say: Any, dani: User, ally: User
) -> None:
    say(dani)
    change(0, local_time=time(14))
    say(ally, now=NOW + 3 * MINUTE)
    change(10, local_time=time(10))

    mail = untold().get()
    assert mail.person == ally
    assert "Before:" not in mail.text, "this person never read of an earlier time"
    assert "10:00 to 11:30 a.m." in mail.text


def test_a_yes_to_the_new_time_is_not_asked_again_for_a_change_of_the_room(
    meeting: Meeting, change: Any, say: Any, dani: User, ally: User
) -> None:
    say(dani)
    say(ally)
    change(0, local_time=time(14))
    say(dani, now=NOW + 2 * MINUTE)
    change(5, mode="hybrid", place="Cedar Hall")

    assert states(meeting) == {"Dani": "going", "Femi": "needs_confirmation"}


@pytest.mark.parametrize("answer", ["going", "not_going"])
def test_whoever_answers_on_the_changed_page_gets_no_mail_that_asks(
    meeting: Meeting, change: Any, say: Any, dani: User, ally: User, answer: str
) -> None:
    say(dani)
    say(ally)
    change(0, local_time=time(14))
    say(dani, answer, now=NOW + 2 * MINUTE)

    assert untold().get().person == ally
    # A later step is told all the same, to those who still come.
    change(5, local_time=time(15))
    assert untold().filter(person=dani).exists() == (answer == "going")


def test_little_by_little_is_a_move_too(
    meeting: Meeting, change: Any, say: Any, dani: User
) -> None:  # fmt: skip
    say(dani)
    change(0, local_time=time(10, 20))
    assert states(meeting) == {"Dani": "going"}
    change(5, local_time=time(10, 40))

    assert states(meeting) == {"Dani": "needs_confirmation"}
    change(9, local_time=time(10, 30))
    assert states(meeting) == {"Dani": "going"}


def test_under_three_hours_each_change_leaves_at_once(
    meeting: Meeting, priya: User, say: Any, dani: User
) -> None:
    say(dani)
    for minutes, place in ((170, "Hall A"), (160, "Hall B")):
        now = START - minutes * MINUTE
        update_meeting(
            meeting=meeting, changes={"mode": "hybrid", "place": place}, by=priya, now=now
        )
        assert untold().get().due_at == now
        sent()

    mails = Delivery.objects.filter(kind="changed").order_by("due_at")
    assert "Before: Online Now: Hall A, or online" in folded(mails[0].text)
    assert "Before: Hall A, or online Now: Hall B, or online" in folded(mails[1].text)


def test_two_zones_with_the_same_clock_are_no_news(
    meeting: Meeting, change: Any, say: Any, dani: User
) -> None:
    say(dani)
    change(timezone="America/Dawson_Creek")

    assert not untold().exists()


def test_of_two_who_had_it_open_the_second_is_told_and_nothing_is_written(
    meeting: Meeting, priya: User
) -> None:
    seen = meeting.updated_at
    update_meeting(meeting=meeting, changes={"title": "First"}, by=priya, now=NOW, seen=seen)
    with pytest.raises(ChangedMeanwhile, match="Somebody else changed"):
        update_meeting(meeting=meeting, changes={"duration": 60}, by=priya, now=NOW, seen=seen)

    meeting.refresh_from_db()
    assert (meeting.title, meeting.duration, meeting.sequence) == ("First", 90, 0)


def test_two_versions_differ_even_where_the_clock_stands_still(
    meeting: Meeting, priya: User
) -> None:
    Meeting.objects.update(updated_at=NOW + timedelta(days=7))
    seen = Meeting.objects.get().updated_at
    first = update_meeting(meeting=meeting, changes={"title": "First"}, by=priya, now=NOW)
    assert first.updated_at > seen
    with pytest.raises(ChangedMeanwhile):
        update_meeting(meeting=meeting, changes={"title": "B"}, by=priya, now=NOW, seen=seen)
    change_capacity(meeting=meeting, capacity=5, by=priya, now=NOW)
    assert Meeting.objects.get().updated_at > first.updated_at


def test_fewer_seats_than_taken_shrink_as_people_give_theirs_back(
    community: Any, meeting: Meeting, priya: User, say: Any
) -> None:
    people = [make_member(community, f"P{n}") for n in range(4)]
    for person in people:
        say(person)
    change_capacity(meeting=meeting, capacity=2, by=priya, now=NOW)

    meeting.refresh_from_db()
    assert (meeting.capacity, meeting.target_capacity, meeting.going_count) == (4, 2, 4)
    say(make_member(community, "Late"))
    say(people[0], "not_going")
    meeting.refresh_from_db()
    assert (meeting.capacity, meeting.target_capacity, meeting.going_count) == (3, 2, 3)
    say(people[1], "not_going")
    meeting.refresh_from_db()
    assert (meeting.capacity, meeting.target_capacity) == (2, None)
    # From here on a freed seat is handed on again.
    say(people[2], "not_going")
    assert states(meeting)["Late"] == "going"


def test_more_seats_end_the_shrinking_and_let_the_line_in(
    community: Any, meeting: Meeting, priya: User, say: Any
) -> None:
    for n in range(3):
        say(make_member(community, f"P{n}"))
    change_capacity(meeting=meeting, capacity=1, by=priya, now=NOW)
    say(make_member(community, "Late"))
    change_capacity(meeting=meeting, capacity=5, by=priya, now=NOW)

    meeting.refresh_from_db()
    assert (meeting.capacity, meeting.target_capacity, meeting.going_count) == (5, None, 4)


@pytest.mark.parametrize("step", ["change", "cancel", "door"])
def test_telling_costs_the_same_for_any_number_of_people(
    community: Any, priya: User, step: str
) -> None:
    def cost(people: int) -> int:
        meeting = make_meeting(community)
        for _number in range(people):
            person = make_member(community)
            meeting.rsvps.create(person=person, state="going", holds_seat=True, answered_at=NOW)
        Meeting.objects.filter(pk=meeting.pk).update(going_count=people)
        with CaptureQueriesContext(connection) as queries:
            if step == "change":
                changes = {"duration": 60}
                update_meeting(meeting=meeting, changes=changes, by=priya, now=NOW)
            elif step == "cancel":
                cancel_meeting(meeting=meeting, reason="Snow", by=priya, now=NOW)
            else:
                new = "https://video.example/new"
                replace_door(meeting=meeting, join_url=new, by=priya, now=NOW)
        return len(queries)

    cost(1)
    assert cost(1) == cost(12)
