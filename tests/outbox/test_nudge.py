import time
from typing import Any

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from cop.core.broker import Circuit
from members.models import User
from outbox import nudge
from outbox.models import Delivery
from tests.outbox.test_send import queue


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []
    monkeypatch.setattr(nudge, "valkey", Circuit())
    monkeypatch.setattr(
        nudge.current_app, "send_task", lambda name, **options: calls.append(name), raising=False
    )
    return calls


@pytest.mark.django_db(transaction=True)
def test_one_nudge_for_each_transaction(dani: User, published: list[str]) -> None:
    with transaction.atomic():
        for number in range(5):
            queue(dani, key=f"k{number}")
        assert published == []
    assert published == ["outbox.send_slice"]


@pytest.mark.django_db(transaction=True)
def test_no_nudge_for_what_was_rolled_back(dani: User, published: list[str]) -> None:
    with transaction.atomic():
        queue(dani)
        transaction.set_rollback(True)
    assert published == []
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_costs_nobody_time(
    dani: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail is queued all the same; after one failure nobody tries for half a minute."""
    tries: list[str] = []

    def away(name: str, **options: Any) -> None:
        tries.append(name)
        raise OperationalError("away")

    monkeypatch.setattr(nudge, "valkey", Circuit())
    monkeypatch.setattr(nudge.current_app, "send_task", away, raising=False)
    started = time.monotonic()
    for number in range(20):
        with transaction.atomic():
            queue(dani, key=f"k{number}")
    assert time.monotonic() - started < 2
    assert len(tries) == 1
    assert Delivery.objects.filter(state="queued").count() == 20
