import os
import subprocess
import sys
import zoneinfo
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from cop import checks
from cop import settings as settings_module
from cop.core import time as core_time


def ids(**kwargs: Any) -> set[str]:
    return {message.id for message in run_checks(**kwargs) if message.id.startswith("cop.")}


@pytest.mark.django_db
def test_a_configured_site_boots() -> None:
    assert ids(databases=["default"]) == set()


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("DEFAULT_FROM_EMAIL", "", "cop.E004"),
        ("POSTAL_ADDRESS", "  ", "cop.E005"),
    ],
)
def test_half_configured_is_refused(settings: Any, name: str, value: str, found: str) -> None:
    setattr(settings, name, value)
    assert {message.id for message in checks.sender(None)} == {found}


def test_without_a_secret_key_nothing_starts_and_the_sentence_helps() -> None:
    bare = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings_module.BASE_DIR,
        env=bare | {"SECRET_KEY": ""},
        capture_output=True,
        text=True,
    )
    assert ran.returncode != 0
    assert "SECRET_KEY is empty. Start with `make run`" in ran.stderr


def test_stale_zone_data_of_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edmonton's -6 stands in for a Vancouver of last year's data."""
    monkeypatch.setattr(core_time, "ZoneInfo", lambda name: zoneinfo.ZoneInfo("America/Edmonton"))
    assert [message.id for message in checks.zone_data(None)] == ["cop.E001"]


@pytest.mark.django_db
def test_zone_data_of_postgresql_is_asked() -> None:
    assert checks.database_zone_data_is_current()
    assert checks.database_zone_data(None, databases=["default"]) == []


@pytest.mark.parametrize(
    ("site", "hosts", "refused"),
    [
        ("http://localhost:8000", ["localhost", "127.0.0.1"], False),
        ("https://cop.example", ["localhost"], True),
        ("http://localhost:8000", ["localhost", "cop.example"], True),
        ("http://localhost:8000", ["*"], True),
        ("http://192.0.2.7:8000", ["localhost"], True),
    ],
)
def test_local_mode_cannot_be_on_with_settings_of_a_server(
    settings: Any, site: str, hosts: list[str], refused: bool
) -> None:
    settings.LOCAL_MODE, settings.SITE_URL, settings.ALLOWED_HOSTS = True, site, hosts
    assert bool(checks.local_mode_is_local(None)) is refused


@pytest.mark.django_db
def test_one_click_sign_in_does_not_exist_on_a_server(client: Client, settings: Any) -> None:
    settings.LOCAL_MODE = False
    assert client.get("/start/").status_code == 404
    assert client.post("/start/coordinator/").status_code == 404
    assert client.get("/mailbox/").status_code == 404
    settings.LOCAL_MODE = True
    assert client.get("/start/").status_code == 200
    assert client.get("/start/", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.post("/start/coordinator/", REMOTE_ADDR="203.0.113.9").status_code == 404
