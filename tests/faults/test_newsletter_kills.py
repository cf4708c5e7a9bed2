"""An issue in three editions and two languages, and processes that die on the way (N3, F1)."""

import random
import time
from collections.abc import Callable

import pytest

from tests.faults.harness import SEED, Crew, Site
from tests.faults.test_sender_kills import NEAR, WORKERS
from tests.faults.waiting import wait_until

pytestmark = pytest.mark.faults
READERS, KILLS = 600, 2
BY_EDITION = """
SELECT split_part(b.key, ':', 4), d.language, count(*) FROM outbox_delivery d
JOIN outbox_mailbatch b ON b.id = d.batch_id GROUP BY 1, 2
"""


def kill_half_way(site: Site, crew: Crew, chance: random.Random) -> int:
    """Kill senders that have mails in their hands, and replace them. Returns how many fell."""
    wait_until(lambda: len(site.sink.taken()) >= READERS // 4, what="a part has left")
    fallen = 0
    while fallen < KILLS and not site.is_settled():
        victim = chance.choice(crew.members)
        owner = site.owner_of(victim)
        if owner is None or not site.held_by(owner):
            continue
        victim.kill()
        crew.replace(victim)
        fallen += 1
        time.sleep(chance.uniform(0.1, 0.5))
    return fallen


def test_killed_senders_lose_and_double_nothing_of_an_issue(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(**NEAR)
    site.call("prepare_issue", people=READERS)
    assert site.call("send_prepared_issue") == READERS
    parts = {(edition, language): n for edition, language, n in site.sql(BY_EDITION)}
    assert len(parts) == 6, "three editions, two languages"
    fallen = kill_half_way(site, Crew(site, WORKERS), random.Random(SEED))
    site.settle(120)
    count = site.sink.count()
    repeated = site.sql("SELECT count(*) FROM outbox_delivery WHERE reason = 'possible repeat'")
    print(
        f"issue: FAULT_SEED={SEED}: {fallen} kills, lost {count.lost(READERS)}, "
        f"twice {count.duplicates}, marked {repeated[0][0]}"
    )
    assert fallen == KILLS
    assert count.lost(READERS) == 0
    assert count.recipients == READERS, "each address has one Message-ID"
    assert count.duplicates <= fallen
    assert count.duplicates <= repeated[0][0], "what may have come twice is marked"
    assert site.states() == {"sent": READERS}
    after = {(edition, language): n for edition, language, n in site.sql(BY_EDITION)}
    assert after == parts, "everybody got their own edition"


def test_control_without_takeover_a_part_of_the_issue_is_lost(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(**NEAR, without="takeover")
    site.call("prepare_issue", people=READERS)
    site.call("send_prepared_issue")
    kill_half_way(site, Crew(site, WORKERS), random.Random(SEED))
    wait_until(lambda: site.states()["queued"] == 0, 60)
    time.sleep(3)
    assert site.sink.count().lost(READERS) > 0


def die_freezing(site: Site) -> None:
    """The clock takes the issue and is killed when two of three editions are queued."""
    site.call("prepare_issue", people=READERS)
    site.call("schedule_prepared_issue")
    pid, _result = site.start_call("tick_newsletter", faults={"dies_freezing": 2})
    wait_until(lambda: pid in site.nursery.exits, 60, "the clock dies")
    assert site.nursery.exits[pid] != 0


def test_clock_killed_while_freezing_leaves_nothing_half_done(
    make_site: Callable[..., Site],
) -> None:
    site = make_site()
    die_freezing(site)
    assert not site.states()
    assert site.sql("SELECT state FROM newsletter_newsletterissue") == [("scheduled",)]

    assert site.call("tick_newsletter", minutes=1) == 1

    assert site.states() == {"queued": READERS}


def test_control_without_one_transaction_an_edition_is_lost(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(without="one_transaction")
    die_freezing(site)

    site.call("tick_newsletter", minutes=1)

    assert site.states()["queued"] < READERS


def test_clocks_in_several_processes_send_once(make_site: Callable[..., Site]) -> None:
    site = make_site()
    site.call("prepare_issue", people=READERS)
    site.call("schedule_prepared_issue")
    calls = [site.start_call("tick_newsletter") for _clock in range(4)]

    assert sum(site.wait_for(call) for call in calls) == 1
    assert site.states() == {"queued": READERS}
