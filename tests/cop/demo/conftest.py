"""One demo for all tests of a module: it takes seconds to load, and they only read it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from cop.demo.load import load_demo
from members.models import Community

AS_OF = date(2026, 11, 22)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("media"))


@pytest.fixture(autouse=True)
def _own_media(settings: Any, media: str) -> None:
    settings.MEDIA_ROOT = media


@pytest.fixture(scope="module")
def loaded_demo(django_db_setup: None, django_db_blocker: Any, media: str) -> Iterator[None]:
    """In a transaction around those of the tests: what they change is undone one by one."""
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), transaction.atomic():
        load_demo(today=AS_OF)
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


@pytest.fixture
def every_door(loaded_demo: None, db: None) -> Community:
    return Community.objects.get(slug="every-door")
