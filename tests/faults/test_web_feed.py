"""F40: a feed that is hammered, with and without ETag, and whose address is replaced meanwhile.

The short form of `make bench ARGS=calendar`: real requests over sockets, few seconds, and both
protections taken off once to see that the test would notice.
"""

import http.client
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from meetings import ics
from meetings.actions import replace_calendar_feed
from meetings.models import Meeting, Rsvp
from meetings.queries import feeds
from members.models import Community, User
from tests.factories import make_meeting

IS_FULL = os.environ.get("FAULT_FULL", "") not in ("", "0")
SECONDS, CLIENTS, EVENTS = (10 if IS_FULL else 1.5), 4, 200 if IS_FULL else 40
REVOKED_WITHIN, MS_GOAL = 1.0, 15.0
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def path(community: Community, dani: User) -> str:
    for number in range(EVENTS):
        meeting = make_meeting(community, title=f"Night {number}")
        Rsvp.objects.create(
            meeting=meeting, person=dani, state="going", holds_seat=True,
            answered_at=timezone.now(),
        )  # fmt: skip
    Meeting.objects.update(going_count=1)
    return f"/m/{replace_calendar_feed(person=dani).secret}/calendar.ics"


class Hammer:
    """Some clients that ask without a pause, each on a connection of its own."""

    def __init__(self, port: int, path: str, etags: list[str]) -> None:
        self.port, self.path, self.etags = port, path, etags
        self.counts: Counter[int] = Counter()
        self.last_alive = 0.0
        self.going = True
        self.threads = [threading.Thread(target=self._run, args=(n,)) for n in range(CLIENTS)]

    def _run(self, number: int) -> None:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=30)
        while self.going:
            number += 1
            etag = self.etags[number % len(self.etags)]
            connection.request("GET", self.path, headers={"If-None-Match": etag} if etag else {})
            response = connection.getresponse()
            response.read()
            self.counts[response.status] += 1
            if response.status != 404:
                self.last_alive = time.perf_counter()
        connection.close()

    def __enter__(self) -> "Hammer":
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.going = False
        for one in self.threads:
            one.join(30)


def hammered(live_server: LiveServer, path: str, person: User) -> tuple[Counter[int], float]:
    """The answers, and how many seconds the old address answered after it was replaced."""
    etag = Client().get(path).headers["ETag"]
    with Hammer(live_server.thread.port, path, [etag, ""]) as hammer:
        time.sleep(SECONDS)
        replace_calendar_feed(person=person)
        changed = time.perf_counter()
        time.sleep(REVOKED_WITHIN + 0.5)
    return hammer.counts, hammer.last_alive - changed


def test_hammered_feed_answers_all_and_a_replaced_address_is_dead(
    live_server: LiveServer, path: str, dani: User
) -> None:
    counts, outlived = hammered(live_server, path, dani)
    print(f"F40: {dict(counts)}, {sum(counts.values()) / (SECONDS + 1.5):.0f} a second")
    assert set(counts) == {200, 304, 404}
    assert outlived < REVOKED_WITHIN


def test_control_an_address_that_is_remembered_outlives_its_end(
    live_server: LiveServer, path: str, dani: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "find_feed", lru_cache(feeds.find_feed))
    counts, outlived = hammered(live_server, path, dani)
    assert 404 not in counts
    assert outlived > REVOKED_WITHIN


def milliseconds(visit: Callable[[], Any]) -> float:
    """CPU of one visit: what other work of the computer does not change."""
    visit()
    started = time.process_time()
    for _ in range(20):
        visit()
    return (time.process_time() - started) * 50


def test_304_is_cheap_because_nothing_is_built(
    path: str, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    client, built = Client(), Counter[str]()
    etag, honest = client.get(path).headers["ETag"], ics.feed

    def count(*about: Any) -> str:
        built["feed"] += 1
        return honest(*about)

    monkeypatch.setattr(ics, "feed", count)

    def visit() -> None:
        assert client.get(path, headers={"if-none-match": etag}).status_code == 304

    with django_assert_max_num_queries(3):
        visit()
    cheap = milliseconds(visit)
    assert built["feed"] == 0
    # Control: without the look at the rows beforehand each visit builds it.
    monkeypatch.setattr(
        "meetings.views.feeds.get_conditional_response", lambda *_, response, **__: response
    )
    monkeypatch.setattr("meetings.views.feeds.store.get", lambda *_: None)
    dear = milliseconds(lambda: client.get(path, headers={"if-none-match": etag}))
    print(f"F40: 304 {cheap:.1f} ms CPU, built {dear:.1f} ms")
    assert built["feed"] > 20
    assert cheap < MS_GOAL
    assert cheap < dear / 2
