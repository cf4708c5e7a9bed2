"""The whole plan over two years in six zones: each mail once, by day where the person lives.

`by_hand` knows the clocks of the zones without the zone data (tests.faults.clocks).
"""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

import pytest

from cop.core.time import to_instant
from meetings.actions import cancel_meeting, queue_reminders, update_meeting
from meetings.actions.invitations import keep_invitations
from meetings.actions.nudges import keep_nudges, plan_nudge
from meetings.actions.reminders import plan_reminders
from meetings.actions.thanks import keep_thanks, plan_thanks
from meetings.models import Attendance, Meeting
from outbox.actions import update_subscriptions
from outbox.models import Delivery
from tests.factories import make_community, make_meeting, make_member, make_staff
from tests.faults.clocks import ZONES, day_before_by_hand, offset_by_hand, quiet_by_hand

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(2026, 10, 15, tzinfo=UTC), datetime(2028, 10, 15, tzinfo=UTC)
# Hours that the clocks jump over or show twice are among them.
CLOCKS = [time(10), time(1, 30), time(18, 30), time(2, 30), time(6, 59), time(20), time(23, 45),
          time(0), time(7), time(19, 59)]  # fmt: skip


def morning_by_hand(moment: datetime, zone: str) -> datetime:
    """The moment itself, or the first minute after it at which nobody sleeps."""
    while quiet_by_hand(moment, zone):
        moment = moment.replace(second=0) + MINUTE
    return moment.astimezone(UTC)


def plan_of(starts_at: datetime, zone: str) -> dict[str, datetime]:
    answered = FIRST - 60 * DAY
    found = plan_reminders(starts_at=starts_at, zone=zone, answered_at=answered)
    plan = {one.kind: one.due_at for one in found}
    plan["nudge"] = plan_nudge(starts_at=starts_at, zone=zone, announced_at=answered)
    plan["thanks"] = plan_thanks(ends_at=starts_at + 90 * MINUTE, zone=zone)
    return plan


def by_hand(starts_at: datetime, zone: str) -> dict[str, datetime]:
    return {
        "day_before": day_before_by_hand(starts_at, zone),
        "link": starts_at - 30 * MINUTE,
        "nudge": morning_by_hand(starts_at - 7 * DAY, zone),
        "thanks": morning_by_hand(starts_at + 150 * MINUTE, zone),
    }


def run_minutes(zone: str, first: datetime, last: datetime, every: timedelta) -> int:
    """A tick each minute; whatever is due leaves once. Compares with the clock of the hand."""
    waiting: dict[datetime, list[tuple[int, str]]] = defaultdict(list)
    meetings, moment, number = [], first + 8 * DAY, 0
    while moment < last - 3 * DAY:
        home = zone if number % 2 else "America/Vancouver"
        starts_at = to_instant(moment.date(), CLOCKS[number % len(CLOCKS)], home)
        for kind, due_at in plan_of(starts_at, zone).items():
            waiting[due_at].append((number, kind))
        meetings.append(starts_at)
        moment, number = moment + every, number + 1
    sent: dict[tuple[int, str], datetime] = {}
    now = first
    while now < last:
        for fact in waiting.get(now, ()):
            assert fact not in sent, f"{zone}: twice"
            sent[fact] = now
        now += MINUTE
    for number, starts_at in enumerate(meetings):
        for kind, at in by_hand(starts_at, zone).items():
            assert sent[number, kind] == at, f"{zone}, {starts_at:%Y-%m-%d %H:%MZ}, {kind}"
    assert len(sent) == 4 * len(meetings)
    return len(meetings)


@pytest.mark.faults
@pytest.mark.parametrize("zone", ZONES)
def test_f13_the_whole_plan_over_two_years(zone: str) -> None:
    assert run_minutes(zone, FIRST, LAST, timedelta(days=3, hours=1)) > 230


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", [date(2027, 3, 14), date(2027, 11, 7)], ids=str)
def test_f13_the_whole_plan_around_a_clock_change(zone: str, day: date) -> None:
    middle = datetime.combine(day, time(), tzinfo=UTC)
    assert run_minutes(zone, middle - 16 * DAY, middle + 12 * DAY, timedelta(hours=9)) > 40


def test_f13_control_the_hand_is_no_copy() -> None:
    """A plan that forgets quiet hours is seen."""
    starts_at = datetime(2027, 6, 2, 5, 0, tzinfo=UTC)  # 22:00 in Vancouver
    hand = by_hand(starts_at, "America/Vancouver")
    assert hand["nudge"] != starts_at - 7 * DAY
    assert offset_by_hand(hand["thanks"], "America/Vancouver") == -7 * HOUR


KEEPERS = (queue_reminders, keep_invitations, keep_nudges, keep_thanks)


def tick(now: datetime) -> None:
    for keep in KEEPERS:
        keep(now=now)


class Week:
    """One meeting that people come to and leave open, through the database."""

    def __init__(self, day: date) -> None:
        self.community = make_community()
        self.priya = make_staff(self.community)
        self.meeting = make_meeting(self.community, local_date=day, local_time=time(9))
        start = self.meeting.starts_at
        self.announced_at = start - 21 * DAY
        Meeting.objects.filter(pk=self.meeting.pk).update(announced_at=self.announced_at)
        before = make_meeting(self.community, local_date=day - 30 * DAY, state="wrapped")
        for zone in ZONES:
            going, silent = (make_member(self.community, timezone=zone) for _ in range(2))
            self.meeting.rsvps.create(
                person=going, state="going", holds_seat=True, answered_at=self.announced_at
            )
            update_subscriptions(
                person=silent, scope=self.community.public_id, kinds={"invitations"},
                source="t", now=start - 60 * DAY,
            )  # fmt: skip
            Attendance.objects.create(meeting=before, person=silent, state="present", source="self")
            Attendance.objects.create(
                meeting=self.meeting, person=going, state="present", source="self"
            )
        Meeting.objects.filter(pk=self.meeting.pk).update(going_count=len(ZONES))

    def moments(self) -> list[datetime]:
        """Each minute around what is due in any zone, and else every six hours."""
        start = self.meeting.starts_at
        near = {at for zone in ZONES for at in by_hand(start, zone).values()}
        first = self.announced_at - HOUR
        found = {first + number * 6 * HOUR for number in range(22 * 4 + 2)}
        back = {start - 7 * DAY + 2 * HOUR, start + 4 * HOUR}
        for at in near | back | {self.announced_at}:
            found |= {at + number * MINUTE for number in range(-1, 2)}
        return sorted(found)


def rows() -> dict[tuple[str, str], datetime]:
    kept = Delivery.objects.filter(state="queued")
    values = list(kept.values_list("person__timezone", "kind", "created_at"))
    found = {(zone, kind): at for zone, kind, at in values}
    assert len(found) == len(values), "somebody would get two"
    return found


@pytest.mark.faults
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "lag"), [(date(2027, 3, 15), 0), (date(2027, 11, 8), 0), (date(2027, 3, 15), 180)]
)
def test_f13_plan_through_the_database(day: date, lag: int) -> None:
    """Doubled ticks, and an outage of three hours around each moment: the same rows."""
    week = Week(day)
    start = week.meeting.starts_at
    outage = (start - 7 * DAY - HOUR, start - 7 * DAY + 2 * HOUR)
    for now in week.moments():
        if lag and (outage[0] <= now < outage[1] or start + HOUR < now < start + 4 * HOUR):
            continue
        tick(now)
        if lag:
            tick(now)
    found = rows()
    kinds = ("reminder_day_before", "reminder_link", "thanks_feedback", "invitation", "nudge")
    assert set(found) == {(zone, kind) for zone in ZONES for kind in kinds}
    for zone in ZONES:
        hand = by_hand(start, zone)
        assert found[zone, "reminder_link"] == hand["link"]
        late = timedelta(minutes=lag)
        for kind, word in (("reminder_day_before", "day_before"), ("nudge", "nudge"),
                           ("thanks_feedback", "thanks")):  # fmt: skip
            assert timedelta() <= found[zone, kind] - hand[word] <= late, (zone, kind)


@pytest.mark.faults
@pytest.mark.django_db
def test_f13_a_moved_and_a_cancelled_meeting() -> None:
    week = Week(date(2027, 3, 15))
    start, told = week.meeting.starts_at, Delivery.objects.filter(kind__startswith="reminder")
    tick(week.announced_at)
    tick(start - 7 * DAY + 12 * HOUR)
    moved = start - 6 * DAY
    changes = {"local_date": date(2027, 3, 22)}
    update_meeting(meeting=week.meeting, changes=changes, by=week.priya, now=moved)
    for now in (start - DAY, start - 30 * MINUTE, start + 3 * HOUR):
        tick(now)
    assert not told.exists()  # nobody said yes again, and the old day is void
    assert not Delivery.objects.filter(kind="nudge", key__endswith=":0", state="queued").exists()
    nudges = Delivery.objects.filter(kind="nudge", state="queued", key__endswith=":1")
    tick(start + 12 * HOUR)
    assert nudges.count() == len(ZONES)
    cancel_meeting(meeting=week.meeting, reason="Snow", by=week.priya, now=start + DAY)
    tick(start + 6 * DAY)
    tick(start + 8 * DAY)
    assert not told.exists()
    waiting = Delivery.objects.filter(state="queued").exclude(kind="cancelled")
    assert not waiting.exists()
