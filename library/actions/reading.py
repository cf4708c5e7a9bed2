"""The text inside files into the search: read by a worker, one after the other."""

import tempfile
import time

from django.core.files.base import File
from django.db import transaction
from django.db.models import F

from cop.core.scan import servable_states
from cop.core.storages import StorageAway
from library.actions.contents import WORDS_A_MINUTE
from library.actions.indexing import reindex
from library.extraction import Reading, read_file
from library.models import Resource

TextState = Resource.TextState
# A file that ended the worker this often is left alone.
MOST_TRIES, MOST_PREVIEWED = 3, 50
# Kinds that hold text; of pictures, sound and films there is none to read.
READABLE = frozenset({"pdf", "docx", "pptx", "xlsx", "odt", "html", "txt"})


def read_waiting_files(*, seconds: float = 40) -> int:
    """Read what waits and passed the scanner; returns how many. Safe to run twice at a time.

    `seconds`: no file is begun after them; the last one may take its own time (20 s) beyond.
    """
    number, until = 0, time.monotonic() + seconds
    while time.monotonic() < until and (resource := _next_one()) is not None:
        _read(resource)
        number += 1
    return number


def _next_one() -> Resource | None:
    """The next to read, its try counted before the work begins: who ends the worker, is known."""
    with transaction.atomic():
        waiting = Resource.objects.filter(
            text_state=TextState.WAITING, scan_state__in=servable_states()
        )
        resource = (
            waiting.select_for_update(skip_locked=True, of=("self",))
            .order_by("text_tries", "pk")
            .first()
        )
        if resource is None:
            return None
        changes = {"text_tries": F("text_tries") + 1}
        if resource.text_tries >= MOST_TRIES:
            changes = {"text_state": TextState.FAILED}
        Resource.objects.filter(pk=resource.pk).update(**changes)
    return resource


def _read(resource: Resource) -> None:
    if resource.text_tries >= MOST_TRIES:
        return
    if resource.file_type not in READABLE:
        _keep(resource, Reading())
        return
    try:
        with resource.file.open("rb") as stored, tempfile.NamedTemporaryFile() as here:
            _copy(stored, here)
            _keep(resource, read_file(here.name, resource.file_type))
    except FileNotFoundError:
        _keep(resource, Reading(problem="missing"))
    except StorageAway:
        # Not the doing of this file: its try does not count, and the next minute tries again.
        tried = Resource.objects.filter(pk=resource.pk, text_tries__gt=0)
        tried.update(text_tries=F("text_tries") - 1)
        raise


def _copy(stored: File, here: File) -> None:
    """Storage may be far away; the child reads from the disk."""
    for piece in stored.chunks():
        here.write(piece)
    here.flush()


def _keep(resource: Resource, reading: Reading) -> None:
    state = TextState.READ if reading.text else TextState.EMPTY
    fields = {
        "file_text": reading.text,
        "preview_pages": min(reading.pages, MOST_PREVIEWED),
        "text_state": TextState.FAILED if reading.problem else state,
    }
    if reading.text and not resource.reading_minutes:
        fields["reading_minutes"] = max(1, round(len(reading.text.split()) / WORDS_A_MINUTE))
    # Only if it is still the file that was read.
    same = Resource.objects.filter(pk=resource.pk, file=resource.file.name)
    with transaction.atomic():
        if same.update(**fields):
            reindex(Resource.objects.select_related("community").get(pk=resource.pk))
