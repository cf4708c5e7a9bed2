"""The broker forgets all (F7), a worker stands still (F8), PostgreSQL falls over (F9)."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from cop.local.places import Places
from cop.local.postgres import Postgres
from cop.local.processes import Child, stop_together
from tests.faults.databases import run_sql
from tests.faults.harness import FULL, Crew, Site
from tests.faults.mailserver import Sink
from tests.faults.waiting import wait_until
from tests.processes import children_of

pytestmark = pytest.mark.faults
# Without a sign of life for so long, the watchdog starts a worker anew. 90 on a server.
SILENCE = 90 if FULL else 20


def flush(site: Site) -> None:
    Redis(unix_socket_path=site.redis_url.removeprefix("unix://")).flushall()


def letters(count: int) -> list[str]:
    return [f"guest{number}@host.example" for number in range(count)]


def test_broker_forgets_everything(make_site: Callable[..., Site]) -> None:
    site = make_site(before=0.02)
    site.beat()
    site.call("queue_letters", prefix="a", addresses=letters(200))
    flush(site)  # and with it the word to the workers that mail waits
    began = time.monotonic()
    for _twice in range(2):
        site.worker()
    wait_until(lambda: len(site.sink.taken()) > 20, 65)
    flush(site)
    site.settle(65)
    took = time.monotonic() - began
    flush(site)
    site.call("queue_letters", prefix="b", addresses=letters(50))
    flush(site)
    again = site.settle(65)
    print(f"F7: all sent {took:.1f} s after the first loss, {again:.1f} s after the last")
    assert took <= 65
    assert (site.sink.count().lost(250), site.sink.count().duplicates) == (0, 0)


def test_control_without_beat_a_forgotten_task_is_mail_that_waits(
    make_site: Callable[..., Site],
) -> None:
    site = make_site()
    site.call("queue_letters", prefix="a", addresses=letters(5))
    flush(site)
    site.worker()
    time.sleep(12)
    assert site.sink.count().total == 0


def test_worker_that_stands_still_is_seen_and_started_anew(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(before=0.05)
    site.beat()
    watchdog = site.watched_worker(silence=SILENCE)
    site.call("queue_newsletter", limit=200)
    wait_until(lambda: len(site.sink.taken()) > 20, what="the watched worker sends")
    (frozen,) = children_of(watchdog.pid)
    os.kill(frozen, signal.SIGSTOP)
    stood = time.monotonic()
    time.sleep(1)
    stood_at = len(site.sink.taken())
    assert "tick" in site.call("health", after=70.0)["attention"]
    wait_until(lambda: children_of(watchdog.pid) not in ([frozen], []), 120, "it is started anew")
    anew = time.monotonic() - stood
    assert len(site.sink.taken()) == stood_at, "until then nobody sent: that is the control"
    site.settle(60)
    count = site.sink.count()
    print(f"F8: started anew {anew:.0f} s after it stood still ({SILENCE} s of patience)")
    assert anew <= SILENCE + 30
    assert count.lost(200) == 0
    assert count.duplicates <= 1
    assert "tick" not in site.call("health")["attention"]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[tuple[Postgres, list[Child]]]:
    """A PostgreSQL that keeps what it committed, to be knocked over."""
    places = Places(tmp_path / "own")
    places.make()
    postgres = Postgres(places.database, places.sockets(), tmp_path / "own.log", throw_away=True)
    running = [Child(postgres.program)]
    wait_until(lambda: running[0].is_ready)
    run_sql(postgres.url, "ALTER ROLE cop SET synchronous_commit = on")
    yield postgres, running
    stop_together(running)


def knock_over(postgres: Postgres, running: list[Child]) -> None:
    """As `pg_ctl restart -m immediate` does: all sessions are cut, and it recovers at start."""
    running[0].popen.send_signal(signal.SIGQUIT)
    running[0].popen.wait(30)
    running[0] = Child(postgres.program)
    wait_until(lambda: running[0].is_ready, what="PostgreSQL is back")


def send_while_it_falls(
    own_server: tuple[Postgres, list[Child]], folder: Path, *, falls: int, without: str = ""
) -> tuple[Site, Sink]:
    postgres, running = own_server
    sink = Sink(folder, before=0.02, after=0.002)
    site = Site(folder / "site", postgres.url, sink, without=without)
    site.call("migrate_and_fill", people=600)
    site.call("queue_newsletter")
    Crew(site, 3)
    for fall in range(falls):
        wait_until(lambda fall=fall: len(sink.taken()) > 150 * (fall + 1))
        knock_over(postgres, running)
    return site, sink


def test_database_falls_over(own_server: tuple[Postgres, list[Child]], tmp_path: Path) -> None:
    site, sink = send_while_it_falls(own_server, tmp_path, falls=2)
    try:
        site.settle()
        count = sink.count()
        print(f"F9: lost {count.lost(600)}, twice {count.duplicates} in 2 falls of PostgreSQL")
        assert count.lost(600) == 0
        assert count.duplicates <= 3, "no more than there are workers"
        assert site.states() == {"sent": 600}
    finally:
        site.close()
        sink.close()


def test_control_without_takeover_the_fall_leaves_mail_behind(
    own_server: tuple[Postgres, list[Child]], tmp_path: Path
) -> None:
    site, sink = send_while_it_falls(own_server, tmp_path, falls=1, without="takeover rescue")
    try:
        wait_until(lambda: site.states()["queued"] == 0)
        time.sleep(3)
        assert site.states()["claimed"] > 0
        assert sink.count().lost(600) > 0
    finally:
        site.close()
        sink.close()


def test_control_without_rescue_each_worker_repeats_a_mail(
    own_server: tuple[Postgres, list[Child]], tmp_path: Path
) -> None:
    site, sink = send_while_it_falls(own_server, tmp_path, falls=2, without="rescue")
    try:
        site.settle()
        assert sink.count().lost(600) == 0
        assert sink.count().duplicates > 3
    finally:
        site.close()
        sink.close()
