"""Files are kept whole or not at all, and nothing needs a path on this computer."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from cop.core.storages import KeepingStorage, NoRoom, is_here


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def files(media: Path) -> list[str]:
    return sorted(str(one.relative_to(media)) for one in media.rglob("*") if one.is_file())


def full(*_all: Any, **_more: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_the_site_keeps_files_this_way() -> None:
    assert isinstance(storages["default"], KeepingStorage)


def test_save_keeps_the_content_and_its_rights(media: Path) -> None:
    name = default_storage.save("library/key", ContentFile(b"words"))

    assert name == "library/key"
    assert files(media) == ["library/key"]
    assert (media / name).read_bytes() == b"words"
    assert (media / name).stat().st_mode & 0o777 == 0o640


def test_save_takes_words_too(media: Path) -> None:
    default_storage.save("library/key", ContentFile("ʔa"))

    assert (media / "library/key").read_bytes() == "ʔa".encode()


def test_save_never_writes_over_a_file(media: Path, monkeypatch: Any) -> None:
    """Two that choose one name at the same moment: both are asked for, both are kept."""
    default_storage.save("library/key", ContentFile(b"first"))
    names = iter(["library/key", "library/other"])
    monkeypatch.setattr(KeepingStorage, "get_available_name", lambda *_all, **_more: next(names))
    name = default_storage.save("library/key", ContentFile(b"second"))

    assert name == "library/other"
    assert (media / "library/key").read_bytes() == b"first"
    assert files(media) == ["library/key", "library/other"]


def test_save_works_in_a_folder_that_knows_no_links(media: Path, monkeypatch: Any) -> None:
    def refuse(*_all: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)

    assert default_storage.save("library/key", ContentFile(b"words")) == "library/key"
    assert files(media) == ["library/key"]


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_save_leaves_nothing_on_a_full_disk(media: Path, monkeypatch: Any, step: str) -> None:
    monkeypatch.setattr(os, step, full)

    with pytest.raises(NoRoom, match="Tip"):
        default_storage.save("library/key", ContentFile(b"words"))

    assert files(media) == []


def test_save_leaves_nothing_where_the_content_breaks_off(media: Path) -> None:
    class Broken(ContentFile):
        def chunks(self, chunk_size: int | None = None) -> Any:
            yield b"half"
            raise ValueError("the line is gone")

    with pytest.raises(ValueError, match="line"):
        default_storage.save("library/key", Broken(b"half and half"))

    assert files(media) == []


def test_save_keeps_room_for_the_rest_of_the_site(media: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("cop.core.storages.DISK_FLOOR", 10**15)

    with pytest.raises(NoRoom):
        default_storage.save("library/key", ContentFile(b"words"))

    assert files(media) == []


def test_file_is_forced_to_the_disk_before_it_has_its_name(monkeypatch: Any) -> None:
    steps: list[str] = []
    fsync, link = os.fsync, os.link
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("force"), fsync(handle)))
    monkeypatch.setattr(os, "link", lambda old, new: (steps.append("name"), link(old, new)))

    default_storage.save("library/key", ContentFile(b"words"))

    assert steps == ["force", "name", "force"]


def test_other_errors_are_not_hidden(monkeypatch: Any) -> None:
    def broken(*_all: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)

    with pytest.raises(OSError, match="Input") as error:
        default_storage.save("library/key", ContentFile(b"words"))

    assert not isinstance(error.value, NoRoom)


class Row:
    """A FieldFile, as far as we ask it."""

    def __init__(self, name: str) -> None:
        self.name, self.storage = name, default_storage

    def __bool__(self) -> bool:
        return bool(self.name)


def test_is_here_asks_the_storage() -> None:
    default_storage.save("library/key", ContentFile(b"words"))

    assert is_here(Row("library/key"))
    assert not is_here(Row("library/lost"))
    assert not is_here(Row(""))
