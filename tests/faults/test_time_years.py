"""Two years, six zones, minute by minute: each reminder once, at the right wall time (F13)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from cop.core.time import after_quiet, before_quiet, to_instant
from meetings.actions import queue_reminders, reminders
from meetings.models import Meeting
from outbox.models import Delivery
from tests.factories import make_community, make_meeting, make_member
from tests.faults.clocks import ZONES, Plan, day_before_by_hand, offset_by_hand, quiet_by_hand

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(2026, 10, 15, tzinfo=UTC), datetime(2028, 10, 15, tzinfo=UTC)
CHANGES = [date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7), date(2028, 3, 12)]


def plans(zone: str, first: datetime, last: datetime, every: timedelta) -> list[Plan]:
    """Meetings at all hours, on the person's clock and on the one of Vancouver in turn."""
    clocks = [time(10), time(1, 30), time(18, 30), time(2, 30), time(6, 59), time(7), time(20)]
    clocks += [time(23, 45), time(12), time(20, 29), time(0), time(7, 30), time(19, 59)]
    found, moment, number = [], first + 3 * DAY, 0
    while moment < last - 3 * DAY:
        home = zone if number % 2 else "America/Vancouver"
        starts_at = to_instant(moment.date(), clocks[number % len(clocks)], home)
        found.append(Plan(zone, starts_at))
        moment, number = moment + every, number + 1
    return found


def simulate(meetings: list[Plan], first: datetime, last: datetime) -> None:
    """The tick of each minute, by the same function; it sends once what is due."""
    todo, active = sorted(meetings, key=lambda one: one.starts_at), []
    now = first
    while now < last:
        while todo and todo[0].starts_at <= now + reminders.LOOK_AHEAD:
            active.append(todo.pop(0))
        if active and active[0].starts_at <= now - HOUR:
            active.pop(0)
        for one in active:
            for reminder in reminders.plan_reminders(
                starts_at=one.starts_at, zone=one.zone, answered_at=FIRST - 30 * DAY
            ):
                is_due = reminder.due_at <= now < reminder.until
                if is_due and not one.knows(reminder.kind):
                    one.send(reminder.kind, now)
        now += MINUTE


def check(meetings: list[Plan]) -> None:
    for one in meetings:
        told = f"{one.zone}, {one.starts_at:%Y-%m-%d %H:%MZ}"
        assert [kind for kind, _at in one.sent] == ["day_before", "link"], told
        at = dict(one.sent)
        assert at["link"] == one.starts_at - 30 * MINUTE, told
        assert at["day_before"] == day_before_by_hand(one.starts_at, one.zone), told
        assert not quiet_by_hand(at["day_before"], one.zone), told


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", CHANGES, ids=str)
def test_f13_around_a_clock_change(zone: str, day: date) -> None:
    middle = datetime.combine(day, time(), tzinfo=UTC)
    first, last = middle - 5 * DAY, middle + 5 * DAY
    meetings = plans(zone, first, last, timedelta(hours=9))
    simulate(meetings, first, last)
    check(meetings)


@pytest.mark.faults
@pytest.mark.parametrize("zone", ZONES)
def test_f13_two_years_by_the_minute(zone: str) -> None:
    meetings = plans(zone, FIRST, LAST, timedelta(days=4, hours=1))
    assert len(meetings) > 170
    simulate(meetings, FIRST, LAST)
    check(meetings)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "step", [timedelta(minutes=61), pytest.param(5 * MINUTE, marks=pytest.mark.faults)]
)
def test_f13_budgeted_mail_waits_for_seven_o_clock(zone: str, step: timedelta) -> None:
    now = FIRST
    while now < LAST:
        goes = after_quiet(now, zone)
        if quiet_by_hand(now, zone):
            local = goes + offset_by_hand(goes, zone)
            assert local.time() == time(7)
            assert timedelta() < goes - now <= 12 * HOUR
        else:
            assert goes == now
        now += step


@pytest.mark.faults
@pytest.mark.django_db
@pytest.mark.parametrize("day", CHANGES[:2], ids=str)
def test_f13_the_same_through_the_database(day: date) -> None:
    """Ten in Los Angeles on the Sunday of the change; the tick of each minute that counts.

    One row more or less than the plan, or a minute off, would show.
    """
    meeting = make_meeting(
        make_community(), local_date=day, local_time=time(10), timezone="America/Los_Angeles"
    )
    people = {zone: make_member(meeting.community, timezone=zone) for zone in ZONES}
    for person in people.values():
        answered = FIRST - 10 * DAY
        meeting.rsvps.create(person=person, state="going", holds_seat=True, answered_at=answered)
    Meeting.objects.filter(pk=meeting.pk).update(going_count=len(people))
    now = meeting.starts_at - reminders.LOOK_AHEAD
    while now < meeting.starts_at + HOUR:
        queue_reminders(now=now)
        # Nothing is ever due between the day before and the last hour.
        before = meeting.starts_at - now
        now += MINUTE if before > 23 * HOUR or before <= HOUR else HOUR

    rows = Delivery.objects.values_list("person__timezone", "kind", "created_at")
    at = {(zone, kind): created for zone, kind, created in rows}
    assert len(rows) == len(at) == 2 * len(ZONES)
    for zone in ZONES:
        assert at[zone, "reminder_link"] == meeting.starts_at - 30 * MINUTE
        assert at[zone, "reminder_day_before"] == day_before_by_hand(meeting.starts_at, zone)


def test_f13_control_a_clock_that_forgets_the_summer_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Los Angeles by a fixed -8, as a naive sum would do it."""

    def forgetful(instant: datetime, _zone: str) -> datetime:
        local = instant - 8 * HOUR
        return instant if 7 <= local.hour < 20 else before_quiet(instant, "Etc/GMT+8")

    monkeypatch.setattr(reminders, "before_quiet", forgetful)
    first = datetime(2027, 6, 1, tzinfo=UTC)
    meetings = plans("America/Los_Angeles", first, first + 12 * DAY, timedelta(hours=9))
    simulate(meetings, first, first + 12 * DAY)
    with pytest.raises(AssertionError, match="America/Los_Angeles"):
        check(meetings)
