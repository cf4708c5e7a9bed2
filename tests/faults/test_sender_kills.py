"""Senders die (F1) and are asked to stop (F2): nothing is lost, little arrives twice."""

import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.faults.harness import ROUNDS, SEED, Crew, Site
from tests.faults.waiting import wait_until

pytestmark = pytest.mark.faults
MAILS, KILLS, WORKERS = 3000, 25, 3
# A relay nearby: it thinks before it takes a mail, and answers the last dot at once.
NEAR = {"before": 0.03, "after": 0.002}


def kill_at_random(site: Site, crew: Crew, chance: random.Random, *, kills: int) -> list[float]:
    """Kill and replace until `kills` have fallen. Returns how long their rows stayed theirs."""
    waits: list[float] = []
    while len(waits) < kills and not site.is_settled():
        time.sleep(chance.uniform(0.2, 1.1))
        victim = chance.choice(crew.members)
        owner = site.owner_of(victim)
        if owner is None:
            continue  # it has nothing in hand yet: killing it would prove nothing
        victim.kill()
        crew.replace(victim)
        fell = time.monotonic()
        wait_until(lambda owner=owner: site.held_by(owner) == 0, 10, "its rows are free again")
        waits.append(time.monotonic() - fell)
    return waits


@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_senders_lose_nothing(make_site: Callable[..., Site], number: int) -> None:
    chance = random.Random(SEED + number)
    site = make_site(**NEAR)
    assert site.call("queue_newsletter") == MAILS
    crew = Crew(site, WORKERS)
    waits = kill_at_random(site, crew, chance, kills=KILLS)
    site.settle(120)
    count = site.sink.count()
    repeated = site.sql("SELECT count(*) FROM outbox_delivery WHERE reason = 'possible repeat'")
    print(
        f"F1: FAULT_SEED={SEED + number}: {len(waits)} kills, lost {count.lost(MAILS)}, "
        f"twice {count.duplicates}, marked {repeated[0][0]}, "
        f"rows free after {max(waits):.2f} s at most"
    )
    assert len(waits) >= KILLS
    assert count.lost(MAILS) == 0
    assert count.recipients == MAILS, "a repeat keeps its Message-ID"
    assert count.duplicates <= len(waits)
    assert count.duplicates <= repeated[0][0], "what may have come twice is marked"
    assert max(waits) <= 2
    assert site.states() == {"sent": MAILS}


def test_control_without_takeover_mail_is_lost(make_site: Callable[..., Site]) -> None:
    site = make_site(before=0.02, without="takeover")
    site.call("queue_newsletter", limit=300)
    crew = Crew(site, WORKERS)
    wait_until(lambda: len(site.sink.taken()) > 20)
    for member in crew.members[:2]:
        wait_until(lambda member=member: site.owner_of(member) is not None)
        member.kill()
    wait_until(lambda: site.states()["queued"] == 0)
    time.sleep(3)
    assert site.sink.count().lost(300) > 0


def test_control_without_lease_mail_arrives_twice(make_site: Callable[..., Site]) -> None:
    site = make_site(before=0.01, after=0.05, without="lease")
    site.call("queue_newsletter", limit=200)
    Crew(site, WORKERS)
    site.settle()
    assert site.sink.count().duplicates > 0, "and nobody was killed"


def test_control_nobody_dies_and_all_protections_are_on(make_site: Callable[..., Site]) -> None:
    site = make_site(before=0.01, after=0.05)
    site.call("queue_newsletter", limit=200)
    Crew(site, WORKERS)
    site.settle()
    assert site.sink.count().duplicates == 0
    assert site.sink.count().lost(200) == 0


def freeze_long(site: Site) -> tuple[int, int]:
    """A sender stands still for a quarter of an hour, then goes on. Returns lost and twice."""
    site.call("queue_newsletter", limit=60)
    frozen = site.worker()
    site.tick()
    wait_until(lambda: len(site.sink.taken()) > 3)
    frozen.signal(signal.SIGSTOP)
    # Sixteen minutes pass.
    site.sql("UPDATE outbox_delivery SET claimed_at = claimed_at - interval '16 minutes'")
    site.worker()
    wait_until(lambda: len(site.sink.taken()) >= 59, what="the other sends the rest")
    frozen.signal(signal.SIGCONT)
    site.settle()
    time.sleep(2)
    count = site.sink.count()
    return count.lost(60), count.duplicates


def test_frozen_sender_wakes_and_sends_nothing_again(make_site: Callable[..., Site]) -> None:
    assert freeze_long(make_site(before=0.05)) == (0, 0)


def test_control_without_fence_the_frozen_sender_sends_again(
    make_site: Callable[..., Site],
) -> None:
    _lost, twice = freeze_long(make_site(before=0.05, without="fence"))
    assert twice > 0


def queue_twice(site: Site) -> int:
    """Two processes tell the same 200 people the same fact at once. Returns mails that left."""
    addresses = [f"guest{number}@host.example" for number in range(200)]
    calls = [
        site.start_call("queue_letters", prefix="seat", addresses=addresses) for _twice in range(2)
    ]
    for call in calls:
        site.wait_for(call)
    Crew(site, 1)
    wait_until(lambda: site.sink.taken())
    site.settle()
    return site.sink.count("guest").total


def test_same_fact_queued_twice_leaves_once(make_site: Callable[..., Site]) -> None:
    assert queue_twice(make_site()) == 200


def test_control_without_unique_key_it_leaves_twice(make_site: Callable[..., Site]) -> None:
    site = make_site(without="unique_key")
    site.sql("ALTER TABLE outbox_delivery DROP CONSTRAINT outbox_delivery_key_key")
    assert queue_twice(site) > 200


@pytest.mark.parametrize(("without", "is_twice"), [("fence", False), ("row_locks fence", True)])
def test_control_claims_collide_without_row_locks_and_fence(
    make_site: Callable[..., Site], without: str, is_twice: bool
) -> None:
    site = make_site(without=without)
    site.call("queue_newsletter", limit=500)
    Crew(site, WORKERS)
    site.settle()
    assert site.sink.count().lost(500) == 0
    assert (site.sink.count().duplicates > 0) == is_twice


def stop_and_go(site: Site, *, times: int, seconds: float) -> list[float]:
    """Ask one worker after the other to end, in the middle of its work, and start another."""
    crew = Crew(site, WORKERS)
    took = []
    for _once in range(times):
        wait_until(lambda: all(site.owner_of(one) is not None for one in crew.members))
        member = crew.members[len(took) % WORKERS]
        owner = site.owner_of(member)
        took.append(member.terminate(seconds))
        assert member.exit_code == 0
        assert site.held_by(owner) == 0, "what it had claimed is free at once"
        crew.replace(member)
    return took


def test_workers_asked_to_stop_finish_the_mail_in_hand(make_site: Callable[..., Site]) -> None:
    site = make_site(**NEAR)
    site.call("queue_newsletter", limit=1200)
    took = stop_and_go(site, times=6, seconds=10)
    print(f"F2: ended after {max(took):.2f} s at most")
    site.settle()
    count = site.sink.count()
    assert (count.lost(1200), count.duplicates) == (0, 0)
    repeats = site.sql("SELECT 1 FROM outbox_delivery WHERE reason = 'possible repeat'")
    assert not repeats


def test_control_without_drain_a_worker_does_not_end(make_site: Callable[..., Site]) -> None:
    site = make_site(before=0.05, without="drain")
    site.call("queue_newsletter", limit=1200)
    with pytest.raises(AssertionError, match="ends when asked"):
        stop_and_go(site, times=1, seconds=10)
