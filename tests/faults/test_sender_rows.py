"""Rows that kill (F37), copies of the database (F38), wrong clocks (F41), a no in time (F28)."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.databases import dump_and_restore, throw_away
from tests.faults.harness import TEMPLATE, Crew, Site
from tests.faults.mailserver import Sink
from tests.faults.waiting import wait_until

pytestmark = pytest.mark.faults
HOUR = 3600.0
COPY = f"{TEMPLATE}_restored"


def letters(name: str, count: int) -> list[str]:
    return [f"{name}{number}@host.example" for number in range(count)]


def poisoned(site: Site) -> float:
    """Seconds from the first look at the queue, poison in front, to the first good mail."""
    site.call("queue_newsletter", key="poison", limit=3)
    site.call("empty_the_text", key="poison")
    site.call("queue_letters", prefix="bad", addresses=["nobody", "two words@host.example"])
    site.sql("UPDATE outbox_delivery SET priority = 0")
    site.call("queue_letters", prefix="good", addresses=letters("good", 40))
    worker = site.worker()
    site.tick()
    wait_until(lambda: site.owner_of(worker) is not None, what="it begins")
    began = time.time()
    wait_until(lambda: site.sink.count("good").unique == 40)
    return site.sink.taken("good")[-1].at - began


def test_poison_in_front_of_the_queue_is_set_aside(make_site: Callable[..., Site]) -> None:
    site = make_site()
    seconds = poisoned(site)
    print(f"F37: the last of 40 behind the poison left after {seconds:.2f} s")
    assert seconds <= 1
    site.settle(hurry=True)
    assert site.reasons("failed") == {"not built": 3, "bad address": 2}
    assert site.sql("SELECT DISTINCT attempts FROM outbox_delivery WHERE reason = 'not built'") == [
        (3,)
    ]
    assert site.sink.count("good").duplicates == 0


def test_control_without_isolation_the_others_wait(make_site: Callable[..., Site]) -> None:
    assert poisoned(make_site(without="isolation")) > 1


def test_mail_that_kills_its_sender_is_set_aside(make_site: Callable[..., Site]) -> None:
    site = make_site()
    site.call("queue_letters", prefix="deadly", addresses=["deadly@host.example"])
    site.sql("UPDATE outbox_delivery SET priority = 0")
    site.call("queue_letters", prefix="good", addresses=letters("good", 40))
    crew, deaths = Crew(site, 2, deadly="deadly@"), 0

    def _is_over() -> bool:
        nonlocal deaths
        deaths += crew.replace_dead()
        return site.is_settled()

    wait_until(_is_over, what="the queue goes on")
    assert deaths == 5
    assert site.sink.count("good").lost(40) == 0
    assert site.sink.count("good").duplicates == 0
    assert site.states() == {"sent": 40, "uncertain": 1}


@pytest.fixture
def make_copy(
    make_site: Callable[..., Site], server: str, tmp_path: Path
) -> Iterator[Callable[..., tuple[Site, Site]]]:
    """A site in the middle of its newsletter, and a second one on last minute's backup."""
    made: list[Site] = []

    def _make(*, without: str = "") -> tuple[Site, Site]:
        site = make_site(before=0.03)
        site.call("queue_newsletter", limit=400)
        Crew(site, 2)
        wait_until(lambda: len(site.sink.taken()) > 40)
        url = dump_and_restore(site.url, COPY, tmp_path)
        copy = Site(tmp_path / "copy", url, Sink(tmp_path), without=without)
        made.append(copy)
        Crew(copy, 2)
        return site, copy

    with throw_away(server, COPY):
        yield _make
        for copy in made:
            copy.close()
            copy.sink.close()


def test_restored_copy_sends_nothing_until_adopted(
    make_copy: Callable[..., tuple[Site, Site]],
) -> None:
    site, copy = make_copy()
    waiting = sum(copy.states()[state] for state in ("queued", "claimed"))
    assert waiting > 100
    site.settle()
    time.sleep(3)
    assert copy.sink.count().total == 0
    assert (site.sink.count().lost(400), site.sink.count().duplicates) == (0, 0)
    copy.call("adopt")
    copy.call("queue_letters", prefix="new", addresses=letters("new", 5))
    wait_until(lambda: copy.sink.count("new").unique == 5)
    time.sleep(2)
    assert copy.sink.count().total == 5, "what is new leaves"
    assert copy.reasons("paused") == {"restored copy": waiting}, "what is old waits"
    site.call("queue_letters", prefix="new", addresses=letters("own", 5))
    wait_until(lambda: site.sink.count("own").unique == 5, what="the first one is still itself")


def test_control_without_gate_the_copy_sends(make_copy: Callable[..., tuple[Site, Site]]) -> None:
    _site, copy = make_copy(without="gate")
    wait_until(lambda: copy.sink.count().total > 0)


def send_by_a_wrong_clock(site: Site, seconds: float) -> None:
    site.call("queue_letters", prefix="now", addresses=letters("now", 60), due_in=-1)
    site.call("queue_letters", prefix="later", addresses=letters("later", 30), due_in=HOUR)
    site.call("queue_letters", prefix="past", addresses=letters("past", 30), due_in=-HOUR)
    Crew(site, 2, host_clock=seconds)


@pytest.mark.parametrize("hours", [2, -2])
def test_clock_of_the_host_is_wrong(make_site: Callable[..., Site], hours: int) -> None:
    site = make_site(before=0.01)
    send_by_a_wrong_clock(site, hours * HOUR)
    wait_until(lambda: site.states()["sent"] == 90, 30, "what is due leaves")
    time.sleep(2)
    count = site.sink.count()
    assert (count.lost(90), count.duplicates) == (0, 0)
    assert site.states() == {"sent": 90, "queued": 30}
    assert site.sink.count("later").total == 0
    spread = site.sql("SELECT max(abs(extract(epoch FROM now() - ended_at))) FROM outbox_delivery")
    assert spread[0][0] < 120, "what is written down is the right time"


def test_control_by_the_clock_of_the_host_mail_leaves_early(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(without="database_clock")
    send_by_a_wrong_clock(site, 2 * HOUR)
    wait_until(lambda: site.sink.count("later").total > 0, 30)


def jump(site: Site, clock: Path, hours: float, patience: float = 65) -> float:
    """The clock of the host of beat and worker jumps. Returns after how long mail left again."""
    clock.write_text("0")
    site.beat(host_clock=str(clock))
    site.worker(host_clock=str(clock))
    site.call("queue_letters", prefix="first", addresses=letters("first", 1))
    wait_until(lambda: site.sink.count("first").total == 1, 65)
    clock.write_text(str(hours * HOUR))
    # Due in a while, so that the word at its queueing finds nothing: only a tick can send it.
    site.call("queue_letters", prefix="next", addresses=letters("next", 5), due_in=3)
    return wait_until(lambda: site.sink.count("next").total == 5, patience, "it leaves")


def test_clock_of_the_host_jumps_back_under_beat(
    make_site: Callable[..., Site], tmp_path: Path
) -> None:
    site = make_site()
    print(f"F41: mail left {jump(site, tmp_path / 'clock', -2):.1f} s after a jump of -2 h")
    assert site.sink.count().duplicates == 0


def test_control_by_the_clock_of_the_wall_beat_stands_still(
    make_site: Callable[..., Site], tmp_path: Path
) -> None:
    site = make_site(without="steady_ticks")
    with pytest.raises(AssertionError, match="it leaves"):
        jump(site, tmp_path / "clock", -2, patience=15)


def unsubscribe_half_way(site: Site) -> tuple[int, int]:
    """Readers say no while their mail is in a sender's hands. Returns mails a second later, and
    those that were held back."""
    site.call("queue_newsletter", limit=80)
    Crew(site, 2)
    claimed = (
        "SELECT d.person_id, u.email FROM outbox_delivery d JOIN members_user u "
        "ON u.id = d.person_id WHERE d.state = 'claimed' AND d.started_at IS NULL"
    )
    wait_until(lambda: len(site.sql(claimed)) > 30)
    rows = site.sql(claimed)
    said = float(site.call("unsubscribe", people=[row[0] for row in rows]))
    site.settle()
    addresses = {row[1] for row in rows}
    late = [one for one in site.sink.taken() if one.recipient in addresses and one.at > said + 1]
    return len(late), site.states()["skipped"]


def test_no_in_the_middle_of_a_newsletter_holds_within_a_second(
    make_site: Callable[..., Site],
) -> None:
    late, skipped = unsubscribe_half_way(make_site(before=0.25))
    assert late == 0
    assert skipped > 0


def test_control_without_fence_they_get_it_all_the_same(make_site: Callable[..., Site]) -> None:
    late, _skipped = unsubscribe_half_way(make_site(before=0.25, without="fence"))
    assert late > 0
