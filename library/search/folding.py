"""Letters as they are compared: lower case, accents aside, one sign for one sign."""

import re
import unicodedata

# What Unicode does not take apart by itself, as PostgreSQL's unaccent does it.
_LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss"}
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "’": "'", "ʼ": "'"})
_WORD = re.compile(r"[^\W\d_]{3,40}")


def fold(text: str) -> str:
    """For comparing words; may be longer or shorter than the text."""
    lowered = text.lower()
    for sign, letters in _LIGATURES.items():
        lowered = lowered.replace(sign, letters)
    apart = unicodedata.normalize("NFD", lowered)
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_PLAIN)


class _Lengthwise(dict[int, int]):
    """A table for `str.translate`, filled as signs turn up: each to one sign without its accent."""

    def __missing__(self, code: int) -> int:
        first = fold(chr(code))[:1] or " "
        self[code] = ord(first)
        return self[code]


_LENGTHWISE = _Lengthwise()


def fold_in_place(text: str) -> str:
    """Folded with the length kept, so that what is found in it stands there in the text as well."""
    return text.lower() if text.isascii() else text.translate(_LENGTHWISE)


def words_of(text: str) -> set[str]:
    """Its words of three letters and more, folded."""
    return set(_WORD.findall(fold(text)))


def slips(a: str, b: str) -> int:
    """Letters to add, leave out, change, or swap with the next, to make one of the other
    (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (one != other))
            if i > 1 and j > 1 and one == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
