"""Where uploads lie: under a random key outside the web root, whole or not at all."""

import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext as _

from cop.core.errors import ActionError

# Files on their way in. No row ever names one; the sweep empties it (cop/core/keeping_files.py).
INCOMING = "incoming"
# Bytes that stay free on the disk: with less, no further file is taken in.
DISK_FLOOR = 2_000 * 1024 * 1024
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class NoRoom(ActionError):
    """The disk has no room for another file. What is there can still be read."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "We have no room for another file just now, so we kept nothing of it. "
                "Tip: put it on a page of yours and send the link, or try again tomorrow."
            )
        )


class StorageAway(ActionError):
    """The place of the files does not answer. The rest of the site works."""

    def __init__(self) -> None:
        super().__init__(
            _("The place where we keep files does not answer. Tip: try again in some minutes.")
        )


def is_no_room(error: OSError) -> bool:
    return error.errno in NO_ROOM


class KeepingStorage(FileSystemStorage):
    """A folder. A file is written beside its place, forced to the disk, then moved in one step:
    whatever happens meanwhile, no half file ever stands under a key that a row may name."""

    def _save(self, name: str, content: File) -> str:
        place = Path(self.path(name))
        coming = Path(self.path(f"{INCOMING}/{secrets.token_hex(16)}"))
        try:
            self._refuse_when_nearly_full()
            for folder in (place.parent, coming.parent):
                folder.mkdir(parents=True, exist_ok=True)
            self._write(coming, content)
            _give_name(coming, place)
        except FileExistsError:
            return self._save(self.get_available_name(name), content)
        except OSError as error:
            if is_no_room(error):
                raise NoRoom from error
            raise
        finally:
            coming.unlink(missing_ok=True)
        _force_folder(place.parent)
        return name

    def _write(self, path: Path, content: File) -> None:
        with path.open("xb") as file:
            for chunk in content.chunks():
                file.write(chunk if isinstance(chunk, bytes) else chunk.encode())
            file.flush()
            os.fsync(file.fileno())
        if self.file_permissions_mode is not None:
            path.chmod(self.file_permissions_mode)
        self._ensure_location_group_id(str(path))

    def _refuse_when_nearly_full(self) -> None:
        """The rest of the disk belongs to the database and the logs."""
        root = Path(self.location)
        there = next(one for one in (root, *root.parents) if one.exists())
        if shutil.disk_usage(there).free < DISK_FLOOR:
            raise NoRoom


def _give_name(coming: Path, place: Path) -> None:
    """In one step, and never over a file that is there."""
    try:
        os.link(coming, place)
    except OSError as error:
        if error.errno not in NO_LINKS or place.exists():
            raise
        # Some shared folders know no second name for a file. Keys are random: nobody is there.
        os.rename(coming, place)


def _force_folder(folder: Path) -> None:
    """The name of the file is on the disk too, not only what is in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_here(file: Any) -> bool:  # noqa: ANN401  a FieldFile
    """The row names a file, and it is where it should be."""
    return bool(file) and bool(file.storage.exists(file.name))
