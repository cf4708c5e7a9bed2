"""The malware scanner: a small client of clamd. Away means "not yet", never "clean"."""

import socket
import struct
from collections.abc import Iterator
from typing import IO, Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.storages import StorageAway

CHUNK = 64 * 1024
# Between two signs of life of the scanner. Looking through 50 MB takes it some seconds.
TIMEOUT_SECONDS = 30


class ScannerAway(Exception):
    """No answer, or none that can be understood. The file stays unchecked."""


class ScanState(models.TextChoices):
    OFF = "off", _("No scanner")
    PENDING = "pending", _("Being checked")
    CLEAN = "clean", _("Clean")
    INFECTED = "infected", _("Harmful")


def is_configured() -> bool:
    return bool(settings.CLAMAV_ADDRESS)


def first_state() -> str:
    """What a file that just came in starts with."""
    return ScanState.PENDING if is_configured() else ScanState.OFF


def may_serve(state: str) -> bool:
    """With a scanner only what it found clean; without one all but what one found harmful."""
    if is_configured():
        return state == ScanState.CLEAN
    return state != ScanState.INFECTED


def servable_states() -> list[str]:
    """The states of which `may_serve` says yes, for a query."""
    return [state for state in ScanState.values if may_serve(state)]


def unchecked(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Rows whose file is still to be looked at, those from before there was a scanner too."""
    return rows.filter(scan_state__in=[ScanState.OFF, ScanState.PENDING])


def scan_waiting(rows: models.QuerySet[Any], field: str, *, limit: int = 20) -> Iterator[Any]:
    """Check the files of `rows` (with `scan_state`) and yield each row once it has its answer.

    Stops where the scanner is away; the next tick goes on. Safe to run twice at once.
    """
    if not is_configured():
        return
    looked_at = 0
    for row in unchecked(rows).order_by("pk").iterator(chunk_size=50):
        if looked_at == limit:
            return
        file = getattr(row, field)
        try:
            with file.open("rb") as content:
                row.scan_state = scan_stream(content, settings.CLAMAV_ADDRESS)
        except FileNotFoundError:
            continue
        except (ScannerAway, StorageAway):
            return
        looked_at += 1
        # Only for the very file that was looked at: an edit may have put another in its place.
        same = type(row).objects.filter(pk=row.pk, **{field: file.name})
        if unchecked(same).update(scan_state=row.scan_state):
            yield row


def scan_stream(file: IO[bytes], address: str) -> ScanState:
    """Send a file to clamd (INSTREAM) and read its verdict. Raises ScannerAway."""
    host, _colon, port = address.rpartition(":")
    try:
        with socket.create_connection((host or port, int(port) if host else 3310), 5) as line:
            line.settimeout(TIMEOUT_SECONDS)
            line.sendall(b"zINSTREAM\0")
            while piece := file.read(CHUNK):
                line.sendall(struct.pack(">I", len(piece)) + piece)
            line.sendall(struct.pack(">I", 0))
            return _verdict(_answer(line))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise ScannerAway(str(error)) from error


def _answer(line: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < 4096:
        piece = line.recv(1024)
        if not piece:
            break
        answer += piece
    return answer


def _verdict(answer: bytes) -> ScanState:
    text = answer.rstrip(b"\0\n")
    if text == b"stream: OK":
        return ScanState.CLEAN
    if text.startswith(b"stream: ") and text.endswith(b" FOUND"):
        return ScanState.INFECTED
    raise ScannerAway("no verdict")
