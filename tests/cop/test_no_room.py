"""A full disk behind any page is a page that says so, and never a secret of ours."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from psycopg2.errors import DiskFull

from cop import views
from cop.core.storages import NoRoom, StorageAway


def full_database(*_all: Any, **_more: Any) -> None:
    raise OperationalError("could not extend file base/5/16384") from DiskFull()


def full_storage(*_all: Any, **_more: Any) -> None:
    raise NoRoom


def away(*_all: Any, **_more: Any) -> None:
    raise StorageAway


def broken(*_all: Any, **_more: Any) -> None:
    raise OperationalError("something else")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("trouble", "status", "words"),
    [
        (full_database, 507, "We have no room left just now"),
        (full_storage, 507, "We have no room left just now"),
        (away, 503, "We cannot reach our files just now"),
        (broken, 500, "Something broke on our side"),
    ],
)
def test_full_disk_has_a_page_of_its_own(
    monkeypatch: Any, trouble: Any, status: int, words: str
) -> None:
    monkeypatch.setattr(views, "render", trouble)

    answer = Client(raise_request_exception=False).get("/privacy/")

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "16384" not in answer.content.decode()
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
