"""Captions (WebVTT) and chapters of a recording: read with care, told back in plain words."""

import re
from dataclasses import dataclass
from html import unescape
from typing import IO, Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from cop.core.errors import ActionError

MOST_BYTES, MOST_CUES, MOST_CHAPTERS = 1024 * 1024, 10_000, 100
LONGEST_DAY = 24 * 3600.0
MOMENT = r"(?:([0-9]{1,3}):)?([0-5][0-9]):([0-5][0-9])[.,]([0-9]{3})"
TIMING = re.compile(rf"{MOMENT}[ \t]+-->[ \t]+{MOMENT}(?:[ \t].*)?", re.ASCII)
CHAPTER = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])[\s–—-]+(\S.*)", re.ASCII)
TAG = re.compile(r"<[^<>]*>")
# Blocks that are not said.
ASIDE = ("NOTE", "STYLE", "REGION")


class CaptionsRefused(ActionError):
    """The file is not captions. The text says why and what to do instead."""


@dataclass(frozen=True)
class Cue:
    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Chapter:
    second: int
    title: str

    @property
    def moment(self) -> str:
        minutes, seconds = divmod(self.second, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def check_captions(file: IO[bytes]) -> ContentFile:
    """The file as it may be kept: our own writing of what was understood of it."""
    file.seek(0)
    return ContentFile(as_vtt(read_captions(file)).encode(), name="captions.vtt")


def read_captions(file: IO[bytes]) -> list[Cue]:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise CaptionsRefused(_("Captions have at most 1 MB. Tip: look whether this is the film."))
    try:
        return parse_captions(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        text = _("We cannot read this file. Tip: save the captions as WebVTT (.vtt) in UTF-8.")
        raise CaptionsRefused(text) from error


def parse_captions(text: str) -> list[Cue]:
    """Raises CaptionsRefused, naming the line that cannot be understood."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise CaptionsRefused(
            _(
                "Captions begin with the word WEBVTT; this file does not. "
                "Tip: export the captions as WebVTT (.vtt)."
            )
        )
    cues: list[Cue] = []
    for number, block in _blocks(lines):
        if number == 1 or block[0].split()[0] in ASIDE:
            continue
        cues.append(_cue(number, block))
    if not cues:
        raise CaptionsRefused(_("Nothing is said in these captions. Tip: export them again."))
    if len(cues) > MOST_CUES:
        raise CaptionsRefused(_("These captions have too many parts. Tip: cut the recording."))
    return cues


def as_vtt(cues: list[Cue]) -> str:
    """Without names of voices, classes and whatever else a tag may hold."""
    parts = [f"{_told(cue.start)} --> {_told(cue.end)}\n{_escaped(cue.text)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *parts])


def chapters_of(text: str) -> list[Chapter]:
    """“1:05 What helped”, a line each; lines of another kind are left out."""
    found = []
    for line in text.splitlines():
        if match := CHAPTER.fullmatch(line.strip()):
            hours, minutes, seconds, title = match.groups()
            second = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
            found.append(Chapter(second, title.strip()[:160]))
    return sorted(found, key=lambda one: one.second)[:MOST_CHAPTERS]


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """What stands between empty lines, with the number of its first line."""
    found: list[tuple[int, list[str]]] = []
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            found.append((number - len(block), block))
            block = []
    return found


def _cue(number: int, block: list[str]) -> Cue:
    at = 0 if "-->" in block[0] else 1
    match = TIMING.fullmatch(block[at].strip()) if len(block) > at else None
    if match is None:
        raise CaptionsRefused(
            _(
                "Line %(line)s of the captions has no times as in 00:01.000 --> 00:04.000. "
                "Tip: export the captions again as WebVTT (.vtt)."
            )
            % {"line": number + at if len(block) > at else number}
        )
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    if not start < end <= LONGEST_DAY:
        text = _("In line %(line)s of the captions the end is not after the beginning.")
        raise CaptionsRefused(text % {"line": number + at})
    return Cue(start, end, "\n".join(_plain(line) for line in block[at + 1 :]))


def _seconds(parts: tuple[Any, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _plain(line: str) -> str:
    return unescape(TAG.sub("", line)).strip()


def _escaped(text: str) -> str:
    """Three signs mean something; and what is left of an arrow must not look like a time."""
    kept = "\n".join(line for line in text.split("\n") if line) or "…"
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _told(moment: float) -> str:
    thousandths = round(moment * 1000)
    seconds, thousandths = divmod(thousandths, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"
