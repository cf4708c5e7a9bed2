"""What an office file would fetch or start by itself once somebody opens it."""

import re
from zipfile import ZipFile

CHUNK = 256 * 1024
OVERLAP = 512
# Relations that an office program follows without asking; links and linked pictures are others.
FETCHES = re.compile(
    rb"<Relationship\b(?=[^>]*TargetMode\s*=\s*[\"']External)"
    rb"[^>]*/(?:attachedTemplate|oleObject|frame|subDocument|mailMergeSource|control)[\"']",
    re.IGNORECASE,
)
# Starts another program to fetch a value: in a sheet, or in a field of a text.
STARTS = re.compile(rb"<(?:\w+:)?(?:ddeLink|dde-source)\b|instrText[^>]*>\s*DDE(?:AUTO)?\b")
LOOKED_AT = re.compile(
    r"(?:\.rels|^xl/externallinks/.*\.xml|^word/(?:document|header\d*|footer\d*)\.xml|^content\.xml)$",
    re.IGNORECASE,
)


class ReachesOut(Exception):
    """Opened, it would fetch a template or start a program."""


def check_office(archive: ZipFile) -> None:
    """After zipcheck: the sizes are true by then."""
    for name in archive.namelist():
        if LOOKED_AT.search(name):
            _check_part(archive, name)


def _check_part(archive: ZipFile, name: str) -> None:
    with archive.open(name) as part:
        before = b""
        while piece := part.read(CHUNK):
            text = before + piece
            if FETCHES.search(text) or STARTS.search(text):
                raise ReachesOut(name)
            before = text[-OVERLAP:]
