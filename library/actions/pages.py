"""Pictures of the pages of a PDF: drawn when somebody first looks, kept beside the files."""

import tempfile
from contextlib import suppress
from threading import BoundedSemaphore

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from cop.core.storages import NoRoom
from library.apps import PAGES_FOLDER
from library.extraction import draw_page
from library.models import Resource

WIDTH = 1000
# A page may take some seconds and much memory: one at a time, in each process.
ONE_AT_A_TIME = BoundedSemaphore(1)
WAIT_SECONDS, DRAW_SECONDS = 12, 6
# A page that could not be drawn is not tried again for so long.
GIVEN_UP_FOR = 3600


class Busy(Exception):
    """Others look at their pages just now."""


def page_path(resource: Resource, number: int) -> str:
    """Of the key of the file: another file has other pages. The sweep takes them with it."""
    return f"{PAGES_FOLDER}/{resource.file.name.rpartition('/')[2]}-{number}.jpg"


def page_picture(resource: Resource, number: int) -> bytes | None:
    """The picture of a page (JPEG), or nothing where it cannot be drawn. Raises Busy."""
    path = page_path(resource, number)
    if (picture := _kept(path)) is not None:
        return picture
    if cache.get(_given_up(path)):
        return None
    if not ONE_AT_A_TIME.acquire(timeout=WAIT_SECONDS):
        raise Busy
    try:
        return _kept(path) or _drawn(resource, number, path)
    finally:
        ONE_AT_A_TIME.release()


def _kept(path: str) -> bytes | None:
    if not default_storage.exists(path):
        return None
    with default_storage.open(path, "rb") as kept:
        return bytes(kept.read())


def _drawn(resource: Resource, number: int, path: str) -> bytes | None:
    with resource.file.open("rb") as stored, tempfile.NamedTemporaryFile() as here:
        for piece in stored.chunks():
            here.write(piece)
        here.flush()
        picture = draw_page(here.name, number, width=WIDTH, seconds=DRAW_SECONDS)
    if picture is None:
        cache.set(_given_up(path), True, GIVEN_UP_FOR)
        return None
    # With a full disk it is drawn anew for the next.
    with suppress(NoRoom):
        default_storage.save(path, ContentFile(picture))
    return picture


def _given_up(path: str) -> str:
    return f"page-not-drawn:{path}"
