"""Tells whether there may be something to migrate or to load, without starting Django."""

import hashlib
from pathlib import Path

from cop.local.places import ROOT

SOURCES = ("*/migrations/*.py", "cop/*/migrations/*.py", "cop/management/commands/load_demo.py")


def is_prepared(stamp: Path) -> bool:
    return stamp.exists() and stamp.read_text() == fingerprint()


def mark_prepared(stamp: Path) -> None:
    stamp.write_text(fingerprint())


def fingerprint() -> str:
    digest = hashlib.sha256()
    files = [path for pattern in SOURCES for path in ROOT.glob(pattern)]
    for path in (*sorted(files), ROOT / "requirements-local.txt"):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()
