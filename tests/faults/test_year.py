"""A simulated year of the demo community: no promise to a reader is broken, not once.

Two months of it run with every test run, the whole year with `make faults`. Each rule is seen
failing where the protection behind it is off.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cop.core.time import to_instant
from outbox.actions import fence, send
from outbox.models import Delivery
from tests.faults.harness import Sink
from tests.faults.year import TODAY, ZONE, Clock, Year, zones_differ
from tests.faults.year_rules import QUIET, broken_rules

SEED = 20261122
NOON = to_instant(TODAY, datetime.min.time().replace(hour=12), ZONE)
TWO_MONTHS, A_YEAR = 60, 365


@pytest.fixture
def sink(settings: Any, tmp_path: Path) -> Iterator[Sink]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.MEDIA_ROOT = str(tmp_path / "media")
    sink = Sink(tmp_path)
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    yield sink
    sink.close()


def begin(monkeypatch: pytest.MonkeyPatch) -> Year:
    """The demo on its day. Also what asks Django for the time gets it from our clock."""
    random.seed(SEED)
    year = Year(Clock(NOON), random.Random(SEED))
    monkeypatch.setattr("django.utils.timezone.now", year.clock)
    year.begin()
    zones_differ()
    return year


def check(year: Year, sink: Sink) -> None:
    year.settle()
    assert broken_rules(sink.taken(), year.pauses) == {}
    assert year.alarms == set()
    late = Delivery.objects.due(year.clock.now)
    assert list(late.values_list("key", "reason", "last_answer", "batch__state")) == []


def reasons() -> Counter[str]:
    rows = Delivery.objects.filter(state__in=["skipped", "cancelled", "failed"])
    return Counter(rows.order_by().values_list("reason", flat=True))


def sent_of(kind: str) -> int:
    return Delivery.objects.filter(kind=kind, state="sent").count()


def begin_anyhow(delivery: Delivery, *, owner: int, now: datetime, **asked: Any) -> bool:
    """The fence as it would be without its questions."""
    if asked["last"] is not None:
        fence.write_result(asked["last"])
    mine = Delivery.objects.filter(pk=delivery.pk, owner=owner, started_at=None)
    return mine.update(started_at=now) == 1


@pytest.mark.django_db(transaction=True)
def test_two_months_keep_every_promise(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    year = begin(monkeypatch)
    year.live(TWO_MONTHS)

    check(year, sink)
    kinds = ["newsletter", "weekly_digest", "invitation", "rsvp_confirmed"]
    # The dice may call off the only meeting of these weeks.
    took_place = year.community.meetings.filter(starts_at__gt=NOON, state__in=["held", "wrapped"])
    kinds += ["reminder_link"] if took_place.exists() else []
    for kind in kinds:
        assert sent_of(kind), kind
    for reason in (
        "not subscribed", "paused by the person", "in the weekly digest", "moved to the digest",
        "over budget", "address suppressed", "too late to be useful", "consent ended",
    ):  # fmt: skip
        assert reasons()[reason], f"the simulation never came to: {reason}"

    # The controls, in the same run: each rule is seen broken where its protection is off.
    monkeypatch.setattr(send, "begin_sending", begin_anyhow)
    monkeypatch.setattr(send, "after_quiet", lambda instant, _zone: instant)
    for _turn in range(3):
        year.tempt()
        year.live(4)
        # Whether a reminder stands in the queue just then is left to chance; nothing else is.
        if "after the start" in broken_rules(sink.taken(), year.pauses):
            break
    again = Delivery.objects.filter(kind="newsletter", state="sent").order_by("pk")[0]
    Delivery.objects.filter(pk=again.pk).update(state="queued", started_at=None, ended_at=None)
    year.settle()
    assert broken_rules(sink.taken(), year.pauses).keys() == {
        "without consent", "over budget", "after the start", "in a pause", QUIET, "twice",
    }  # fmt: skip
    Delivery.objects.filter(pk=again.pk).delete()
    found = broken_rules(sink.taken(), year.pauses)
    assert found["batch does not add up"] == 1
    assert found["table and mail server differ"] == 2, "it had arrived twice"


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_year_keeps_every_promise(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    year = begin(monkeypatch)
    year.live(A_YEAR)

    check(year, sink)
    assert sent_of("newsletter") > 300
    assert sent_of("weekly_digest") > 300
    print(f"\n{len(sink.taken())} mails arrived; not sent: {dict(reasons())}")
