"""The cache while Valkey is away: it knows nothing, fails never, and waits once."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cop.core import cache as module
from cop.core.broker import Circuit, broker_url, redis_database
from cop.core.cache import ForgivingRedisCache

TIMEOUT = 0.2


@pytest.fixture(autouse=True)
def circuit(monkeypatch: pytest.MonkeyPatch) -> Circuit:
    own = Circuit()
    monkeypatch.setattr(module, "valkey", own)
    return own


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[str]:
    """It takes connections and never says a word."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen(64)
        yield f"unix://{tmp_path}/s"


def cache_at(url: str) -> ForgivingRedisCache:
    limits = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    return ForgivingRedisCache(url, {"OPTIONS": limits})


def calls(cache: ForgivingRedisCache, count: int = 20) -> tuple[float, list[object]]:
    """Seconds, and what it answered."""
    began = time.monotonic()
    answers = []
    for number in range(count):
        answers += [cache.get(f"k{number}", "nothing"), cache.add(f"k{number}", 1)]
        answers += [cache.set("k", 1), cache.delete("k"), cache.incr("k"), cache.touch("k")]
    return time.monotonic() - began, answers


def test_frozen_valkey_is_waited_for_once(frozen: str) -> None:
    seconds, answers = calls(cache_at(frozen))

    assert TIMEOUT <= seconds < TIMEOUT + 0.2
    assert answers[:6] == ["nothing", True, None, False, 1, False]


def test_frozen_valkey_is_waited_for_each_time_without_the_memory(
    frozen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(Circuit, "is_broken", lambda self: False)
    seconds, _answers = calls(cache_at(frozen), count=2)
    assert seconds >= 12 * TIMEOUT


def test_closed_valkey_costs_nothing(tmp_path: Path) -> None:
    seconds, _answers = calls(cache_at(f"unix://{tmp_path}/nobody"))
    assert seconds < 0.2


def test_cache_works_again_after_half_a_minute(
    frozen: str, circuit: Circuit, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache_at(frozen).get("k")
    back = cache_at(settings.CACHES["default"]["LOCATION"])
    back.set("k", "v")
    assert circuit.is_broken()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + Circuit.SECONDS + 1)

    # One caller finds out for all; the others do not wait for it.
    assert not circuit.is_broken()
    assert circuit.is_broken()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2 * Circuit.SECONDS)
    back.set("k", "v")
    assert back.get("k") == "v"
    assert not circuit.is_broken()


@pytest.mark.parametrize(
    ("url", "cache", "broker"),
    [
        ("redis://:p@host:6379", "redis://:p@host:6379/1", "redis://:p@host:6379/0"),
        ("rediss://host/", "rediss://host/1", "rediss://host/0"),
        ("unix:///v.sock", "unix:///v.sock?db=1", "redis+socket:///v.sock?virtual_host=0"),
    ],
)
def test_addresses_of_one_valkey(url: str, cache: str, broker: str) -> None:
    assert redis_database(url, 1) == cache
    assert broker_url(url) == broker
