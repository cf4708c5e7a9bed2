"""EM1: at most two budgeted mails in any seven days and six in any thirty, over all communities."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction

from cop.core.mail import Email
from members.models import Community, User
from newsletter.actions import queue_weekly_digests
from outbox.actions import (
    claim,
    fence,
    find_mailing_list,
    queue_email,
    send,
    send_due,
    update_subscriptions,
)
from outbox.models import Delivery, Purpose
from tests.clock import next_noon
from tests.factories import make_member
from tests.smtp import Box

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
HELLO = Email(subject="Hello", text="Hello\n", html="<p>Hello</p>")
LISTS = ("newsletter", "invitations", "ballots")
LIST_OF = {
    "newsletter": "newsletter",
    "ballot_last_day": "ballots",
    "weekly_digest": "weekly_digest",
}
RANKS = ("ballot_last_day", "invitation", "newsletter", "survey_invite", "nudge")
_numbers = count(1)


@pytest.fixture
def noon() -> datetime:
    return next_noon()


def take(person: User, community: Community, *kinds: str, now: datetime) -> None:
    """Tick these lists, and all that are not the digest."""
    update_subscriptions(
        person=person,
        scope=community.public_id,
        kinds={*LISTS, *kinds},
        source="test",
        now=now - 40 * DAY,
    )


def queue(
    person: User, community: Community, now: datetime, kind: str = "invitation", **fields: Any
) -> Delivery:
    key = f"{kind}:{next(_numbers)}"
    queue_email(
        key=key,
        kind=kind,
        purpose=Purpose.NEWSLETTER,
        email=HELLO,
        person=person,
        scope=community.public_id,
        mailing_list=find_mailing_list(community.public_id, LIST_OF.get(kind, "invitations")),
        budgeted=True,
        digest_title=f"Held: {key}",
        digest_path="/every-door/",
        **({"due_at": now} | fields),
    )
    return Delivery.objects.get(key=key)


def sent_at(person: User, community: Community, when: datetime, state: str = "sent") -> Delivery:
    """One that left earlier."""
    row = queue(person, community, when)
    Delivery.objects.filter(pk=row.pk).update(state=state, ended_at=when)
    return row


def send_at(now: datetime) -> int:
    return send_due(clock=lambda: now)


def fate(row: Delivery) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.reason


def test_two_in_a_week_leave_and_the_third_waits(
    community: Community, dani: User, noon: datetime, mailbox: Box
) -> None:
    take(dani, community, now=noon)
    rows = [queue(dani, community, noon - number * SECOND) for number in (3, 2, 1)]

    assert send_at(noon) == 2

    assert [fate(row) for row in rows] == [("sent", ""), ("sent", ""), ("queued", "waits for room")]
    rows[2].refresh_from_db()
    assert rows[2].due_at == noon + 7 * DAY
    assert rows[2].attempts == 0
    # Nobody asks again before there is room.
    assert send_at(noon + 6 * DAY) == 0
    assert len(mailbox.to(dani.email)) == 2


@pytest.mark.parametrize(("before", "leaves"), [(SECOND, 0), (timedelta(0), 1)])
def test_week_is_over_to_the_second(
    community: Community,
    dani: User,
    noon: datetime,
    mailbox: Box,
    before: timedelta,
    leaves: int,
) -> None:
    take(dani, community, now=noon)
    for hours in (0, 1):
        sent_at(dani, community, noon + timedelta(hours=hours))

    queue(dani, community, noon)

    assert send_at(noon + 7 * DAY - before) == leaves


@pytest.mark.parametrize(("before", "leaves"), [(SECOND, 0), (timedelta(0), 1)])
def test_month_is_over_to_the_second(
    community: Community,
    dani: User,
    noon: datetime,
    mailbox: Box,
    before: timedelta,
    leaves: int,
) -> None:
    take(dani, community, now=noon)
    for days in (0, 1, 8, 9, 16, 17):
        sent_at(dani, community, noon + days * DAY)

    row = queue(dani, community, noon)

    assert send_at(noon + 25 * DAY) == 0, "the week has room, the month has none"
    row.refresh_from_db()
    assert row.due_at == noon + 30 * DAY
    Delivery.objects.filter(pk=row.pk).update(due_at=noon)
    assert send_at(noon + 30 * DAY - before) == leaves


def test_budget_is_one_for_all_communities(
    community: Community, other_community: Community, dani: User, noon: datetime, mailbox: Box
) -> None:
    for one in (community, other_community):
        take(dani, one, now=noon)
    sent_at(dani, community, noon - DAY)
    first = queue(dani, other_community, noon)
    second = queue(dani, community, noon + SECOND)

    assert send_at(noon + SECOND) == 1

    assert fate(first) == ("sent", "")
    assert fate(second) == ("queued", "waits for room")


def test_budget_is_each_persons_own(
    community: Community, dani: User, ally: User, noon: datetime, mailbox: Box
) -> None:
    for person in (dani, ally):
        take(person, community, now=noon)
        for _ in range(3):
            queue(person, community, noon)

    assert send_at(noon) == 4
    assert len(mailbox.to(dani.email)) == len(mailbox.to(ally.email)) == 2


@pytest.mark.parametrize("winner", range(len(RANKS)))
def test_higher_rank_goes_first(
    community: Community, dani: User, noon: datetime, mailbox: Box, winner: int
) -> None:
    """With room for one: the highest of those that are due, however long the others waited."""
    take(dani, community, now=noon)
    sent_at(dani, community, noon - DAY)
    rows = {
        kind: queue(dani, community, noon + number * SECOND, kind)
        for number, kind in enumerate(reversed(RANKS[winner:]))
    }

    assert send_at(noon + 60 * SECOND) == 1

    states = {kind: fate(row)[0] for kind, row in rows.items()}
    assert states.pop(RANKS[winner]) == "sent"
    assert set(states.values()) <= {"queued"}


def test_who_takes_the_digest_finds_the_rest_there(
    community: Community, dani: User, noon: datetime, mailbox: Box
) -> None:
    take(dani, community, "weekly_digest", now=noon)
    for hours in (1, 2):
        sent_at(dani, community, noon - timedelta(hours=hours))

    row = queue(dani, community, noon)

    assert send_at(noon) == 0
    assert fate(row) == ("skipped", "moved to the digest")


def test_digest_of_another_community_is_no_place_for_it(
    community: Community, other_community: Community, dani: User, noon: datetime, mailbox: Box
) -> None:
    take(dani, community, now=noon)
    take(dani, other_community, "weekly_digest", now=noon)
    for hours in (1, 2):
        sent_at(dani, community, noon - timedelta(hours=hours))

    row = queue(dani, community, noon)

    send_at(noon)
    assert fate(row) == ("queued", "waits for room")


def test_what_would_come_too_late_is_given_up_at_once(
    community: Community, dani: User, noon: datetime, mailbox: Box
) -> None:
    take(dani, community, now=noon)
    for hours in (1, 2):
        sent_at(dani, community, noon - timedelta(hours=hours))
    hopeless = queue(dani, community, noon, expires_at=noon + 3 * DAY)
    patient = queue(dani, community, noon, expires_at=noon + 8 * DAY)

    send_at(noon)

    assert fate(hopeless) == ("skipped", "over budget")
    assert fate(patient) == ("queued", "waits for room")
    assert send_at(noon + 7 * DAY) == 1
    assert fate(patient)[0] == "sent"


@pytest.mark.parametrize(
    ("state", "leaves"),
    [("sent", 0), ("uncertain", 0), ("failed", 1), ("skipped", 1), ("cancelled", 1)],
)
def test_only_what_may_have_come_counts(
    community: Community, dani: User, noon: datetime, mailbox: Box, state: str, leaves: int
) -> None:
    take(dani, community, now=noon)
    sent_at(dani, community, noon - DAY)
    sent_at(dani, community, noon - DAY, state)

    queue(dani, community, noon)

    assert send_at(noon) == leaves


def test_personal_mail_neither_counts_nor_waits(
    community: Community, dani: User, noon: datetime, mailbox: Box
) -> None:
    take(dani, community, now=noon)
    kinds = {"rsvp_confirmed": "transactional", "changed": "transactional", "link": "reminder"}
    for kind, purpose in kinds.items():
        for number in range(3):
            queue_email(
                key=f"{kind}:{number}",
                kind=kind,
                purpose=Purpose(purpose),
                email=HELLO,
                person=dani,
                scope=community.public_id,
                due_at=noon,
            )
    queue_email(
        key="code", kind="login", purpose=Purpose.SECURITY, email=HELLO, person=dani, due_at=noon
    )
    for _ in range(3):
        queue(dani, community, noon)

    assert send_at(noon) == 9 + 1 + 2
    Delivery.objects.filter(kind="changed").update(state="queued", ended_at=None)
    assert send_at(noon + SECOND) == 3


def test_a_place_is_kept_for_the_digest_once_something_waits_there(
    community: Community, dani: User, noon: datetime, mailbox: Box
) -> None:
    """Else the digest, which tells of what was held back, would itself find no room."""
    take(dani, community, "weekly_digest", now=noon)
    tuesday = noon + (1 - noon.weekday()) % 7 * DAY - timedelta(hours=3)
    before = [tuesday - 7 * DAY + timedelta(hours=hours) for hours in (4, 5)]
    for moment in before:
        sent_at(dani, community, moment)
    held = queue(dani, community, tuesday - 2 * DAY)
    send_at(tuesday - 2 * DAY)
    assert fate(held) == ("skipped", "moved to the digest")

    # The first of the two is a week old, and still: what comes now goes to the digest too.
    also_held = queue(dani, community, tuesday - timedelta(hours=1))
    Delivery.objects.filter(ended_at=before[0]).update(ended_at=before[0] - DAY)
    assert send_at(tuesday - timedelta(minutes=30)) == 0
    assert fate(also_held) == ("skipped", "moved to the digest")

    # Only what must be said today does not step back.
    urgent = queue(dani, community, tuesday - timedelta(minutes=30), "ballot_last_day")
    assert send_at(tuesday - timedelta(minutes=20)) == 1
    assert fate(urgent) == ("sent", "")
    Delivery.objects.filter(pk=urgent.pk).delete()

    assert queue_weekly_digests(now=tuesday) == 1
    assert send_at(tuesday) == 1
    text = mailbox.last.get_body(("plain",)).get_content()
    assert f"* {held.digest_title}" in text
    assert f"* {also_held.digest_title}" in text
    # Told: from now on there is room again as ever.
    later = queue(dani, community, tuesday + 7 * DAY)
    assert send_at(tuesday + 7 * DAY) == 1
    assert fate(later) == ("sent", "")


def test_digest_counts_too_and_waits_for_room(
    community: Community, dani: User, noon: datetime, mailbox: Box
) -> None:
    take(dani, community, "weekly_digest", now=noon)
    sent_at(dani, community, noon - 6 * DAY)
    sent_at(dani, community, noon - 6 * DAY)
    digest = queue(dani, community, noon, "weekly_digest", expires_at=noon + 3 * DAY)

    send_at(noon)
    assert fate(digest) == ("queued", "waits for room")
    assert send_at(noon + DAY) == 1
    assert fate(digest)[0] == "sent"


class Different:
    """Another number each time: a lock on it keeps nobody out."""

    def __format__(self, _how: str) -> str:
        return str(next(_numbers))


def send_by_two(now: datetime, monkeypatch: pytest.MonkeyPatch) -> int:
    """Two senders that have one mail in hand each, and both pass the fence before either commits
    (as far as the lock lets them). Returns how many left."""
    together = threading.Barrier(2)
    begin = fence.begin_sending
    monkeypatch.setattr(claim, "CLAIM", 1)

    def begin_slowly(*args: Any, **kwargs: Any) -> bool:
        with transaction.atomic():
            may_go = begin(*args, **kwargs)
            with suppress(threading.BrokenBarrierError):
                together.wait(1)
        return may_go

    monkeypatch.setattr(send, "begin_sending", begin_slowly)

    def one_sender(_number: int) -> int:
        try:
            return send_due(clock=lambda: now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(one_sender, range(2)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("locked", "leave"), [(True, 1), (False, 2)])
def test_two_senders_at_once_keep_the_budget(
    community: Community,
    dani: User,
    noon: datetime,
    mailbox: Box,
    monkeypatch: pytest.MonkeyPatch,
    locked: bool,
    leave: int,
) -> None:
    """Control: without the lock on the person, both count before the other is written down."""
    take(dani, community, now=noon)
    sent_at(dani, community, noon - DAY)
    for _ in range(2):
        queue(dani, community, noon)
    if not locked:
        monkeypatch.setattr(fence, "BUDGET_LOCK", Different())

    assert send_by_two(noon, monkeypatch) == leave
    assert len(mailbox.to(dani.email)) == leave


@pytest.mark.django_db(transaction=True)
def test_four_senders_over_many_people_keep_every_budget(
    community: Community, noon: datetime, mailbox: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "CLAIM", 2)
    people = [make_member(community, f"Member {number}") for number in range(12)]
    for person in people:
        take(person, community, now=noon)
        for _ in range(4):
            queue(person, community, noon)

    def one_sender(_number: int) -> int:
        try:
            return send_due(clock=lambda: noon)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(one_sender, range(4)))

    assert sent == 24
    assert {len(mailbox.to(person.email)) for person in people} == {2}
