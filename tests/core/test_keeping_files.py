"""No file of no row stays, no file of a row goes: in a folder, and in a storage without paths."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cop.core import keeping_files
from cop.core.keeping_files import (
    file_columns,
    folder_of,
    forget_file,
    keys_in,
    missing_files,
    named_files,
    sweep,
)
from cop.health import health_report
from cop.tasks import keep_files_task
from library.models import Resource, ResourceVersion
from tests.core.far_storage import FAR
from tests.core.uploads import PDF
from tests.library.factories import make_resource

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(params=["folder", "bucket"], autouse=True)
def media(request: Any, settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    if request.param == "folder":
        yield tmp_path / "media"
        return
    with override_settings(STORAGES=settings.STORAGES | {"default": FAR}):
        yield tmp_path / "media"


@pytest.fixture
def later() -> datetime:
    return timezone.now() + timedelta(hours=25)


def keep(name: str) -> str:
    return str(default_storage.save(name, ContentFile(PDF)))


def make_file(community: Any, **fields: Any) -> Resource:
    return make_resource(community, file=ContentFile(PDF, name="key"), file_name="a.pdf", **fields)


def make_version(resource: Resource, **fields: Any) -> ResourceVersion:
    return ResourceVersion.objects.create(
        resource=resource, number=1, title="Before", change_note="New words",
        replaced_at=timezone.now(), **fields,
    )  # fmt: skip


def test_every_column_of_files_is_known() -> None:
    found = {
        f"{model._meta.label}.{name}": folder_of((model, name)) for model, name in file_columns()
    }

    assert found == found | {
        "library.Resource.file": "library",
        "library.Resource.captions": "library",
        "library.ResourceVersion.file": "library",
        "library.LibraryImport.file": "library-imports",
        "members.Evidence.document": "evidence",
        "members.AppealFile.document": "appeals",
        "members.ImportRun.file": "imports",
    }
    assert all(found.values()), "a field that writes to no folder of its own is never swept"


def test_sweep_takes_what_no_row_names_and_nothing_else(community: Any, later: datetime) -> None:
    resource = make_file(community, captions=ContentFile(b"WEBVTT", name="key"))
    version = make_version(resource, file=ContentFile(PDF, name="key"))
    orphans = [keep(f"{folder}/of-no-row") for folder in ("library", "library-imports", "evidence")]
    elsewhere = keep("kept/of-somebody")

    assert sweep(now=timezone.now()) == 0
    assert sweep(now=later) == len(orphans)
    assert sweep(now=later) == 0

    assert not any(default_storage.exists(name) for name in orphans)
    named = [resource.file.name, resource.captions.name, version.file.name, elsewhere]
    assert all(default_storage.exists(name) for name in named)


def test_sweep_keeps_what_an_earlier_version_names(community: Any, later: datetime) -> None:
    resource = make_file(community)
    name = resource.file.name
    make_version(resource, file=name)
    Resource.objects.update(file="", url="https://a.example")

    assert sweep(now=later) == 0
    assert default_storage.exists(name)


def test_sweep_of_an_empty_storage() -> None:
    assert sweep(now=timezone.now()) == 0
    assert missing_files() == []


def test_sweep_takes_what_was_on_its_way_after_an_hour() -> None:
    name = keep("incoming/half")

    assert sweep(now=timezone.now() + timedelta(minutes=50)) == 0
    assert sweep(now=timezone.now() + timedelta(minutes=70)) == 1
    assert not default_storage.exists(name)


def test_sweep_leaves_the_files_of_another_database(monkeypatch: Any, later: datetime) -> None:
    """An empty database before a restore must not cost the library."""
    monkeypatch.setattr(keeping_files, "TOO_MANY", 3)
    for number in range(4):
        keep(f"library/{number}")

    assert sweep(now=later) == 0


def test_pictures_of_pages_go_with_their_file(
    community: Any, monkeypatch: Any, later: datetime
) -> None:
    monkeypatch.setitem(keeping_files.BESIDE, "pages", lambda: keys_in("library"))
    key = make_file(community).file.name.partition("/")[2]
    stay = [keep(f"pages/{key}-1.png"), keep(f"pages/{key}/2.png")]
    go = [keep("pages/of-nothing.png"), keep("pages/gone/1.png")]

    assert sweep(now=timezone.now()) == 0
    assert sweep(now=later) == len(go)
    assert all(default_storage.exists(name) for name in stay)
    assert not any(default_storage.exists(name) for name in go)


def test_names_are_read_in_one_statement(community: Any) -> None:
    """So that a file which moves from one table to another is seen in one of the two."""
    make_version(make_file(community), file=ContentFile(PDF, name="key"))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(named_files()) == 2

    assert len([one for one in queries if "SELECT" in one["sql"]]) == 1


@pytest.mark.django_db(transaction=True)
def test_forget_file_waits_for_the_commit(community: Any) -> None:
    name = keep("library/old")

    with transaction.atomic():
        forget_file(name)
        assert default_storage.exists(name)

    assert not default_storage.exists(name)


@pytest.mark.django_db(transaction=True)
def test_forget_file_of_a_change_that_fails_keeps_it() -> None:
    name = keep("library/old")

    with transaction.atomic():
        forget_file(name)
        transaction.set_rollback(True)

    assert default_storage.exists(name)


@pytest.mark.django_db(transaction=True)
def test_forget_file_keeps_what_another_row_names(community: Any) -> None:
    name = make_file(community).file.name

    forget_file(name)
    forget_file("")

    assert default_storage.exists(name)


def test_missing_files_are_on_the_health_page(community: Any, caplog: Any) -> None:
    lost = make_file(community)
    make_file(community)
    assert missing_files() == []

    default_storage.delete(lost.file.name)
    keep_files_task()

    assert missing_files() == [("library.Resource.file", str(lost.pk))]
    report = health_report(now=timezone.now())
    assert report["missing_files"] == 1
    assert "files" in report["attention"]

    lost.delete()
    keep_files_task()
    assert "files" not in Client().get("/healthz").json()["attention"]


def test_page_of_a_missing_file_says_what_to_do(community: Any, client: Client) -> None:
    resource = make_file(community, visibility="public")
    default_storage.delete(resource.file.name)

    answer = client.get(f"{resource.get_absolute_url()}file/")

    assert answer.status_code in {404, 410, 503}
    assert "coordinator" in answer.content.decode()
