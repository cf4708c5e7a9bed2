"""Keeping a checked file between two tries of a form."""

from datetime import datetime

from django.core.files.storage import default_storage

from cop.core.uploads import CheckedUpload
from members.kept_files import FOLDER, KEPT_FOR, kept_path, kept_token
from members.models import User


def keep_file(*, person: User, upload: CheckedUpload) -> str:
    """Keep it for a day, in the place of the one before. Returns the token for the next try."""
    path = kept_path(person.public_id)
    upload.content_file.seek(0)
    default_storage.delete(path)
    default_storage.save(path, upload.content_file)
    return kept_token(person.public_id, upload.name)


def drop_file(*, person: User) -> None:
    default_storage.delete(kept_path(person.public_id))


def drop_old_files(*, now: datetime) -> int:
    """Delete what nobody came back for within a day. Returns how many. Safe to repeat."""
    try:
        names = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return 0
    dropped = 0
    for name in names:
        path = f"{FOLDER}/{name}"
        if default_storage.get_modified_time(path) < now - KEPT_FOR:
            default_storage.delete(path)
            dropped += 1
    return dropped
