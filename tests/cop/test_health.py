from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cop import health
from outbox.models import Delivery, Heartbeat


@pytest.mark.django_db
def test_healthz_tells_ages(client: Client) -> None:
    now = timezone.now()
    Heartbeat.objects.create(name="send", at=now - timedelta(seconds=10))
    Delivery.objects.create(
        key="k", kind="t", purpose="transactional", priority=1, due_at=now - timedelta(seconds=400)
    )
    response = client.get("/healthz", HTTP_HOST="any.host.example")
    body = response.json()
    assert response.status_code == 200
    assert 9 <= body["last_tick_s"] <= 60
    assert body["oldest_due_s"] >= 400
    assert body["attention"] == ["mail"]
    assert body["zone_data_current"] is True
    assert body["disk_free_mb"] > 0


@pytest.mark.django_db
def test_healthz_says_when_the_clock_stands(client: Client) -> None:
    assert "tick" in client.get("/healthz").json()["attention"]


@pytest.mark.django_db
def test_healthz_fails_on_stale_zone_data(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(health, "database_zone_data_is_current", lambda: False)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert "zone_data" in response.json()["attention"]
