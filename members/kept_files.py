"""A file that came with a form which needs another look: kept for its next try, and never shown."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage

from cop.core.errors import ActionError
from cop.core.links import BadLink, make_token, read_token
from cop.core.uploads import CheckedUpload, check_upload

PURPOSE = "kept-file"
FOLDER = "kept"
KEPT_FOR = timedelta(days=1)


def kept_path(person_id: str) -> str:
    """One place for each person: a new file takes the place of the one before."""
    return f"{FOLDER}/{sha256(f'kept:{person_id}'.encode()).hexdigest()[:32]}"


def kept_token(person_id: str, name: str) -> str:
    return make_token(PURPOSE, [person_id, name])


def kept_name(person_id: str, token: str) -> str:
    """The name of the file that this token of this person stands for, or nothing."""
    try:
        owner, name = read_token(PURPOSE, token, max_age=int(KEPT_FOR.total_seconds()))
    except (BadLink, TypeError, ValueError):
        return ""
    return str(name) if owner == person_id else ""


def kept_upload(person_id: str, token: str, **limits: Any) -> CheckedUpload | None:  # noqa: ANN401
    """The file again, checked as if it came now; None where there is none any more."""
    name = kept_name(person_id, token)
    path = kept_path(person_id)
    if not name or not default_storage.exists(path):
        return None
    # Closed with the request: the answer to it is written from this very file.
    file: File = default_storage.open(path)
    file.name = name
    try:
        return check_upload(file, **limits)
    except ActionError:
        return None
