from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from meetings.actions import cancel_meeting, update_meeting
from meetings.actions.nudges import keep_nudges
from meetings.models import Attendance, Meeting
from outbox.models import Delivery
from tests.factories import make_community, make_meeting, make_member
from tests.meetings.conftest import DAY, NOW, START
from tests.meetings.mails.test_invitations import takes

MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)


def past(community, day, *people, state="present", **fields):
    row = make_meeting(community, local_date=day, state="wrapped", **fields)
    for person in people:
        Attendance.objects.create(meeting=row, person=person, state=state, source="self")
    return row


@pytest.fixture
def regular(community, dani):
    takes(dani, community)
    past(community, date(2026, 11, 5), dani)
    return dani


def nudges():
    return Delivery.objects.filter(kind="nudge").order_by("created_at", "person")


def test_a_week_before_to_who_comes_as_a_rule(meeting, regular, ally):
    takes(ally, meeting.community)  # never came to one

    assert keep_nudges(now=START - WEEK - MINUTE) == 0
    assert keep_nudges(now=START - WEEK) == 1
    for minutes in range(1, 5):
        assert keep_nudges(now=START - WEEK + minutes * MINUTE) == 0
    mail = nudges().get()
    assert mail.key == f"nudge:{meeting.public_id}:{regular.pk}:0"
    assert (mail.budgeted, mail.priority, mail.purpose) == (True, 34, "newsletter")
    assert mail.mailing_list.kind == "invitations"
    assert mail.expires_at == START - DAY
    for part in (mail.text, mail.html):
        assert "/rsvp/?answer=going" in part
        assert "secret-room" not in part
    assert not mail.calendar


@pytest.mark.parametrize("answer", ["going", "not_going", "send_materials"])
def test_who_answered_is_left_alone(meeting, regular, say, answer):
    say(regular, answer, now=START - 8 * DAY)
    assert keep_nudges(now=START - WEEK) == 0


def test_only_the_last_four_meetings_count(meeting, community, dani):
    takes(dani, community)
    past(community, date(2026, 6, 4), dani)
    for day in (date(2026, 7, 2), date(2026, 8, 6), date(2026, 9, 3)):
        past(community, day)
    past(community, date(2026, 10, 1), kind="working_group")
    past(make_community("other"), date(2026, 10, 2))
    assert keep_nudges(now=START - WEEK) == 1
    nudges().delete()
    past(community, date(2026, 11, 5))
    assert keep_nudges(now=START - WEEK) == 0


@pytest.mark.parametrize(("state", "count"), [("present", 1), ("partial", 1), ("absent", 0)])
def test_being_there_counts_and_no_more(meeting, community, dani, state, count):
    takes(dani, community)
    past(community, date(2026, 11, 5), dani, state=state)
    assert keep_nudges(now=START - WEEK) == count


def test_nobody_without_consent_or_behind_the_wall(meeting, community, dani, funder, lapsed):
    past(community, date(2026, 11, 5), dani, funder, lapsed)
    for person in (funder, lapsed):
        takes(person, community)
    assert keep_nudges(now=START - WEEK) == 0


def test_not_right_after_the_invitation(meeting, regular):
    Meeting.objects.filter(pk=meeting.pk).update(announced_at=START - WEEK - 2 * DAY)
    assert keep_nudges(now=START - WEEK) == 0
    Meeting.objects.filter(pk=meeting.pk).update(announced_at=START - WEEK - 4 * DAY)
    assert keep_nudges(now=START - WEEK) == 1


def test_after_an_outage_and_never_in_the_last_day(meeting, regular):
    assert keep_nudges(now=START - DAY) == 0
    assert keep_nudges(now=START) == 0
    assert keep_nudges(now=START - 3 * DAY) == 1


@pytest.mark.parametrize("zone", ["America/Vancouver", "America/Toronto", "America/St_Johns"])
def test_by_day_where_they_live(community, zone):
    person = make_member(community, timezone=zone)
    takes(person, community)
    past(community, date(2026, 11, 5), person)
    early = make_meeting(community, local_time=time(5, 0))
    moment, found = early.starts_at - WEEK - 2 * MINUTE, None
    while found is None:
        if keep_nudges(now=moment):
            found = moment.astimezone(ZoneInfo(zone))
        moment += MINUTE
    assert found.time() == max(time(7), found.time())
    assert (found.hour, found.minute) == ((7, 0) if zone == "America/Vancouver" else
                                          (found.hour, found.minute))  # fmt: skip
    assert found.date() == date(2026, 12, 3)


def test_a_small_change_asks_nobody_twice_and_a_new_week_does(meeting, regular, priya):
    keep_nudges(now=START - WEEK)
    nudges().update(state="sent", ended_at=START - WEEK)
    soon = START - 5 * DAY
    update_meeting(meeting=meeting, changes={"duration": 60}, by=priya, now=soon)
    assert keep_nudges(now=soon + MINUTE) == 0
    later = {"local_date": date(2026, 12, 24)}
    update_meeting(meeting=meeting, changes=later, by=priya, now=soon + DAY)
    assert keep_nudges(now=soon + DAY + MINUTE) == 0
    assert keep_nudges(now=START + WEEK) == 1


def test_what_waits_is_void_after_a_change(meeting, regular, priya):
    keep_nudges(now=START - WEEK)
    soon = START - WEEK + MINUTE
    update_meeting(meeting=meeting, changes={"local_time": time(12)}, by=priya, now=soon)
    assert not nudges().filter(state="queued").exists()
    # Two hours later than before, the new week begins.
    assert keep_nudges(now=START - WEEK + timedelta(hours=2)) == 1
    assert "12:00 to 1:30 p.m." in nudges().get(state="queued").text
    cancel_meeting(meeting=meeting, reason="Snow", by=priya, now=START - 6 * DAY)
    assert not nudges().filter(state="queued").exists()
    assert keep_nudges(now=START - 5 * DAY) == 0


@pytest.mark.parametrize("size", [1, 12])
def test_query_counts_do_not_grow(community, size, django_assert_max_num_queries):
    people = [make_member(community) for _number in range(min(size, 3))]
    for person in people:
        takes(person, community)
    past(community, date(2026, 11, 5), *people)
    for number in range(size):
        make_meeting(community if number % 2 else make_community(), local_time=time(10))
    make_meeting(community)
    with django_assert_max_num_queries(17):
        assert keep_nudges(now=START - WEEK) >= size
    with django_assert_max_num_queries(8):
        assert keep_nudges(now=START - WEEK + MINUTE) == 0
    with django_assert_max_num_queries(1):
        assert keep_nudges(now=NOW - 10 * WEEK) == 0
