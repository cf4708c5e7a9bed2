"""The place where the words stand, marked; from the text beside the row, else from the file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from library.search.folding import fold, fold_in_place

WIDTH, BEFORE, MOST_HITS, STRETCH = 200, 50, 60, 6_000
# How much longer than its stem a word may be, and still be marked: handover, handovers.
LONGEST_ENDING = 5
_MARKDOWN = re.compile(r"[*_#`\[\]|>]+")
_WORD = re.compile(r"\w*")
# Beginning, end, and the stem it belongs to.
Hit = tuple[int, int, str]


@dataclass(frozen=True)
class Excerpt:
    """`html`: escaped, the found words in <mark>. `is_inside`: they stand in the file."""

    html: SafeString
    is_inside: bool = False


def excerpt_of(summary: str, text: str, inside: str, lexemes: Iterable[str]) -> Excerpt:
    """The best place in the summary and text, else inside the file, else the summary's start."""
    stems = _stems(lexemes)
    beside = " ".join(_MARKDOWN.sub(" ", f"{summary} {text}").split())
    hits = list(_hits(beside, stems))
    if not hits and inside:
        within, places = _best_stretch(" ".join(inside.split()), stems)
        if places:
            return Excerpt(_cut(within, *_best_place(within, places), stems), is_inside=True)
    begin, end = _best_place(beside, hits) if hits else (0, min(WIDTH, len(beside)))
    return Excerpt(_cut(beside, begin, end, stems))


def _best_stretch(text: str, stems: list[str]) -> tuple[str, list[Hit]]:
    """Of a long text the first stretch that has all words, else the one with most of them."""
    best: tuple[str, list[Hit]] = ("", [])
    most = 0
    for start in range(0, len(text), STRETCH):
        piece = text[start : start + STRETCH]
        hits = list(_hits(piece, stems))
        number = len({stem for _begin, _end, stem in hits})
        if number > most:
            best, most = (piece, hits), number
        if most == len(stems):
            break
    return best


def _stems(lexemes: Iterable[str]) -> list[str]:
    """Folded; English ones of stories and story end alike in i."""
    folded = {fold(one) for one in lexemes} - {""}
    return sorted({one[:-1] if one.endswith("i") and len(one) > 3 else one for one in folded})


def _hits(text: str, stems: list[str]) -> Iterator[Hit]:
    """Words that begin with one of the stems, stem by stem."""
    folded = fold_in_place(text)
    for stem in stems:
        at, number = folded.find(stem), 0
        while at >= 0 and number < MOST_HITS:
            end = _end_of_word(folded, at + len(stem))
            is_start = at == 0 or not _is_letter(folded[at - 1])
            if is_start and end - at - len(stem) <= LONGEST_ENDING:
                number += 1
                yield at, end, stem
            at = folded.find(stem, at + 1)


def _end_of_word(text: str, at: int) -> int:
    found = _WORD.match(text, at)
    return found.end() if found else at


def _is_letter(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _best_place(text: str, hits: list[Hit]) -> tuple[int, int]:
    """The stretch that has most different words in it."""
    hits = sorted(hits)
    best, most = hits[0][0], 0
    for at, (start, _end, _stem) in enumerate(hits):
        within = {stem for place, _end, stem in hits[at : at + 40] if place < start + WIDTH - 70}
        if len(within) > most:
            best, most = start, len(within)
    begin = _word_start(text, max(0, best - BEFORE))
    end = len(text) if begin + WIDTH >= len(text) else _word_start(text, begin + WIDTH)
    return begin, end


def _word_start(text: str, at: int) -> int:
    """The beginning of the word after this place; the place itself where words are endless."""
    if at <= 0:
        return 0
    space = text.find(" ", at, at + 40)
    return at if space < 0 else space + 1


def _cut(text: str, begin: int, end: int, stems: list[str]) -> SafeString:
    """A piece of the text, with the words marked and dots where it goes on."""
    piece = text[begin:end].strip()
    pieces, done = [], 0
    for start, stop, _stem in sorted(_hits(piece, stems)):
        if start >= done:
            pieces += [escape(piece[done:start]), "<mark>", escape(piece[start:stop]), "</mark>"]
            done = stop
    pieces.append(escape(piece[done:]))
    before, after = ("… " if begin else ""), (" …" if end < len(text) else "")
    return mark_safe(before + "".join(pieces) + after)  # noqa: S308  every piece escaped above
