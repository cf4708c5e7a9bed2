"""Clocks that double, stop and come back late (F10, F11)."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from meetings.actions import queue_reminders
from meetings.models import Meeting, Rsvp
from newsletter.actions import make_due_drafts
from newsletter.models import NewsletterIssue
from outbox.actions import queue, send_due
from outbox.models import Delivery, MailBatch
from tests.factories import make_community, make_meeting, make_member
from tests.smtp import Box

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 12, 10, 17, 0, tzinfo=UTC)
EARLY = START - 14 * DAY


# --- F10: two beats and four workers ---------------------------------------------------------
TICKERS = 4


def tick_together(minutes: list[datetime], beats: int = 2) -> int:
    """Each minute is ticked by all workers at the same moment, once for each beat."""
    barrier = Barrier(TICKERS)

    def work(_number: int) -> int:
        try:
            for minute in minutes:
                for _beat in range(beats):
                    barrier.wait(timeout=60)
                    queue_reminders(now=minute)
            return len(minutes) * beats
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TICKERS) as pool:
        return sum(pool.map(work, range(TICKERS)))


def fill_meeting(community: Any, *, people: int, capacity: int | None = None) -> Meeting:
    meeting = make_meeting(community, capacity=capacity)
    for _number in range(people):
        person = make_member(community)
        Rsvp.objects.create(
            meeting=meeting, person=person, state="going", holds_seat=True, answered_at=EARLY
        )
    Meeting.objects.filter(pk=meeting.pk).update(going_count=people)
    return meeting


def add_line(meeting: Meeting, people: int) -> None:
    for ticket in range(people):
        person = make_member(meeting.community)
        Rsvp.objects.create(
            meeting=meeting, person=person, state="waitlisted", wait_ticket=ticket + 1,
            answered_at=EARLY,
        )  # fmt: skip
    Meeting.objects.filter(pk=meeting.pk).update(wait_next=people)


def minutes_from(moment: datetime, count: int) -> list[datetime]:
    return [moment + n * MINUTE for n in range(count)]


def facts() -> Counter[tuple[str, int]]:
    """How often each person was told each thing, whatever the keys say."""
    return Counter(Delivery.objects.values_list("kind", "person_id"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ticks", [48, pytest.param(1000, marks=pytest.mark.faults)])
def test_f10_two_beats_and_four_workers_write_each_row_once(ticks: int) -> None:
    community = make_community()
    meeting = fill_meeting(community, people=12, capacity=20)
    add_line(meeting, 5)
    each = ticks // (2 * TICKERS) // 2
    ticked = tick_together(
        minutes_from(START - DAY - MINUTE, each) + minutes_from(START - 31 * MINUTE, each + 1)
    )

    assert ticked >= ticks
    told = facts()
    assert set(told.values()) == {1}, "0 duplicate rows"
    by_kind = Counter(kind for kind, _person in told)
    assert by_kind == {"reminder_day_before": 17, "promoted": 5, "reminder_link": 17}
    meeting.refresh_from_db()
    assert meeting.going_count == meeting.rsvps.filter(holds_seat=True).count() == 17


@contextmanager
def without_the_unique_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "outbox_delivery").items()
        name = next(name for name, one in found if one["columns"] == ["key"] and one["unique"])
        cursor.execute(f'ALTER TABLE outbox_delivery DROP CONSTRAINT "{name}"')
    monkeypatch.setattr(queue, "_insert", lambda rows: len(Delivery.objects.bulk_create(rows)))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE outbox_delivery CASCADE")
            cursor.execute(f'ALTER TABLE outbox_delivery ADD CONSTRAINT "{name}" UNIQUE (key)')


@pytest.mark.django_db(transaction=True)
def test_f10_control_without_the_unique_key_there_are_duplicates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    community = make_community()
    for _number in range(3):
        fill_meeting(community, people=8)
    with without_the_unique_key(monkeypatch):
        tick_together([START - DAY])
        assert max(facts().values()) > 1


# --- F11: the clock stood still for hours ----------------------------------------------------
@pytest.fixture
def coming(community: Any, dani: Any) -> Meeting:
    meeting = make_meeting(community)
    meeting.rsvps.create(person=dani, state="going", holds_seat=True, answered_at=EARLY)
    Meeting.objects.filter(pk=meeting.pk).update(going_count=1)
    return meeting


def run_clock(first: datetime, last: datetime, dead: tuple[datetime, datetime]) -> None:
    """A tick each half an hour, at last each five minutes, but not while the clock is dead."""
    moment = first
    while moment <= last:
        if not dead[0] <= moment < dead[1] and queue_reminders(now=moment):
            send_due(seconds=5, clock=lambda at=moment: at)
        moment += (5 if moment > START - 4 * HOUR else 30) * MINUTE


def ends() -> dict[str, tuple[str, str]]:
    rows = Delivery.objects.filter(kind__startswith="reminder")
    return {row.kind.removeprefix("reminder_"): (row.state, row.reason) for row in rows}


SENT, LATE = ("sent", ""), ("skipped", "too late to be useful")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("dead", "expected"),
    [
        # Over the time of the first one: it comes late, and is still of use.
        ((-25 * HOUR, -22 * HOUR), {"day_before": SENT, "link": SENT}),
        # Until twenty minutes before the start: the link is still of use.
        ((-200 * MINUTE, -20 * MINUTE), {"day_before": SENT, "link": SENT}),
        # Until ten minutes before: nobody reads it in time.
        ((-190 * MINUTE, -10 * MINUTE), {"day_before": SENT, "link": LATE}),
        # Until after the start.
        ((-170 * MINUTE, 10 * MINUTE), {"day_before": SENT, "link": LATE}),
        # For more than a day.
        ((-26 * HOUR, 1 * HOUR), {"day_before": LATE, "link": LATE}),
    ],
)
def test_f11_a_late_reminder_leaves_if_it_is_of_use_and_never_after_the_start(
    coming: Meeting,
    mailbox: Box,
    dead: tuple[timedelta, timedelta],
    expected: dict[str, tuple[str, str]],
) -> None:
    run_clock(START - 26 * HOUR, START + 2 * HOUR, (START + dead[0], START + dead[1]))

    assert ends() == expected
    left = Delivery.objects.filter(state="sent")
    assert len(mailbox.messages) == left.count() == list(expected.values()).count(SENT)
    assert all(mail.ended_at <= START - 15 * MINUTE for mail in left)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("minutes", "end"), [(-16, SENT), (-15, LATE), (1, LATE)])
def test_f11_the_sender_too_knows_when_it_is_too_late(
    coming: Meeting, mailbox: Box, minutes: int, end: tuple[str, str]
) -> None:
    """The clock ran, and the senders did not."""
    queue_reminders(now=START - 30 * MINUTE)
    send_due(seconds=5, clock=lambda: START + minutes * MINUTE)

    assert ends()["link"] == end
    assert len(mailbox.messages) == (end == SENT)


@pytest.mark.django_db
def test_f11_missed_newsletters_are_offered_and_never_sent_by_themselves(community: Any) -> None:
    for month in (0, 5, 6):  # five months without a clock, then it is back
        make_due_drafts(now=EARLY + timedelta(days=30 * month))

    states = set(NewsletterIssue.objects.values_list("state", flat=True))
    assert states <= {"collecting", "draft"}
    assert not MailBatch.objects.exists()
