"""What a PDF would do, asked without opening it: its names are read, in the file and in its packed
object lists. No page is drawn and no program run here; that is the work of a limited process.

Refused: a command to start a program, and files packed inside (as in office files). Taken in:
scripts, which forms of many offices hold. We hand such a file out to be kept and never show it
in place; the pictures of its pages are drawn by a reader that runs no script.
"""

import re
import zlib
from collections.abc import Iterator
from typing import IO

CHUNK = 64 * 1024
# Of packed object lists: so many are looked at, and so much is unpacked in all.
MOST_LISTS = 20_000
MOST_UNPACKED = 24 * 1024 * 1024
# Packed, an object list is short: so much is read at a time.
STEP = 16 * 1024
# Between the word that tells of a list and its first byte.
HEADER = 2048
# A name, written in the longest way, that the border of two pieces cuts in two.
OVERLAP = 64
START = re.compile(rb"stream\r?\n")
# A name ends where a sign that cannot belong to it follows.
LAST = rb"(?=[\s/<>\[\]()%{}])"


def _name(*names: str) -> re.Pattern[bytes]:
    """Any of these names; each letter of it may stand as a number."""
    spelled = ("".join(f"(?:{sign}|#(?i:{ord(sign):02x}))" for sign in name) for name in names)
    return re.compile(b"/(?:" + "|".join(spelled).encode() + b")" + LAST)


LIST = _name("ObjStm")
LAUNCH = _name("Launch")
# A file packed inside: its stream, or the entry that leads to it.
PACKED = _name("EmbeddedFile", "EmbeddedFiles", "RichMedia")


class BadPdf(Exception):
    """Something in it that we do not keep."""


class LaunchesProgram(BadPdf):
    """It would start a program."""


class HoldsFiles(BadPdf):
    """Another file is packed inside."""


def check_pdf(file: IO[bytes]) -> None:
    """Raises LaunchesProgram or HoldsFiles. What cannot be read is left to the reader of pages."""
    lists = []
    for at, words in _pieces(file):
        _check_words(words)
        lists += [at + found.start() for found in LIST.finditer(words)][: MOST_LISTS - len(lists)]
    left = MOST_UNPACKED
    for at in dict.fromkeys(lists):
        for words in _unpacked(file, at):
            _check_words(words)
            left -= STEP
            if left <= 0:
                return


def _check_words(words: bytes) -> None:
    if LAUNCH.search(words):
        raise LaunchesProgram
    if PACKED.search(words):
        raise HoldsFiles


def _pieces(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    file.seek(0)
    at, before = 0, b""
    while piece := file.read(CHUNK):
        yield at - len(before), before + piece
        at += len(piece)
        before = (before + piece)[-OVERLAP:]


def _unpacked(file: IO[bytes], at: int) -> Iterator[bytes]:
    """The object list whose dictionary stands at `at`, in pieces; none where it is not packed."""
    file.seek(at)
    packed = file.read(HEADER)
    start = START.search(packed)
    if start is None:
        return
    packed, inflater, before = packed[start.end() :], zlib.decompressobj(), b""
    try:
        while packed and not inflater.eof:
            piece = inflater.decompress(packed, STEP)
            yield before + piece
            before = (before + piece)[-OVERLAP:]
            packed = inflater.unconsumed_tail or file.read(STEP)
    except zlib.error:
        return
