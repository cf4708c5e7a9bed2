"""The library with files in a bucket: nothing on its way needs a path on this computer."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import override_settings

from cop.core.storages import StorageAway
from library.actions.reading import read_waiting_files
from library.models import Resource
from library.tasks import scan_files_task
from tests.core.far_storage import FAR
from tests.core.scanner import FakeScanner
from tests.core.uploads import PDF, picture
from tests.library.hostile import kept
from tests.library.hostile.sending import content_of, send

ADD = "/every-door/library/add/"


@pytest.fixture(autouse=True)
def bucket(settings: Any) -> Any:
    with override_settings(STORAGES=settings.STORAGES | {"default": FAR}):
        yield


def test_there_are_no_paths():
    with pytest.raises(NotImplementedError):
        default_storage.path("library/key")


@pytest.mark.parametrize(
    ("name", "content"),
    [("plan.pdf", PDF), ("photo.jpg", picture(size=(300, 200))), ("large.txt", b"x" * 3_000_000)],
)
def test_file_comes_in_and_goes_out(sign_in, community, priya, name, content):
    client = sign_in(priya)
    assert send(client, ADD, kept(name, content)).status_code == 302

    resource = Resource.objects.get()
    answer = client.get(f"{resource.get_absolute_url()}file/")

    assert answer.status_code == 200
    given = content_of(answer)
    assert given == content or name == "photo.jpg"
    assert len(given) == resource.file_size
    assert client.get(resource.get_absolute_url()).status_code == 200


def test_files_of_a_bucket_are_scanned(settings, sign_in, community, priya):
    with FakeScanner() as scanner:
        settings.CLAMAV_ADDRESS = scanner.address
        send(sign_in(priya), ADD, kept("plan.pdf", PDF))
        scan_files_task()

    assert scanner.received == [PDF]
    assert Resource.objects.get().scan_state == "clean"


@pytest.mark.django_db(transaction=True)
def test_file_that_is_replaced_goes_with_the_commit(sign_in, community, dani, own_media: Path):
    client = sign_in(dani)
    send(client, ADD, kept("plan.pdf", PDF))
    resource = Resource.objects.get()
    old = resource.file.name

    answer = send(client, f"{resource.get_absolute_url()}edit/", kept("new.pdf", PDF + b"% new"))

    assert answer.status_code == 302
    resource.refresh_from_db()
    assert resource.file.name != old
    assert default_storage.exists(resource.file.name)
    assert not default_storage.exists(old)


def test_text_inside_a_file_of_a_bucket_is_read(sign_in, community, priya):
    send(sign_in(priya), ADD, kept("notes.txt", b"Rosters of the quiet night"))

    assert read_waiting_files(seconds=20) == 1

    assert Resource.objects.get().file_text == "Rosters of the quiet night"


def test_bucket_that_is_away_costs_a_file_no_try(sign_in, community, priya, monkeypatch):
    send(sign_in(priya), ADD, kept("notes.txt", b"Rosters of the quiet night"))

    def away(*_all: Any) -> None:
        raise StorageAway

    with monkeypatch.context() as patch:
        patch.setattr("tests.core.far_storage.FarStorage._open", away)
        for _minute in range(5):
            with pytest.raises(StorageAway):
                read_waiting_files(seconds=5)

    assert read_waiting_files(seconds=20) == 1
    assert Resource.objects.get().text_state == "read"
