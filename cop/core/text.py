import re
import unicodedata
from typing import Any

from django.utils import translation

JOINER = "\u200d"


def localized(obj: Any, field: str, language: str | None = None) -> str:  # noqa: ANN401
    """A text in the reader's language, else in the other one that exists (G5)."""
    language = (language or translation.get_language() or "en")[:2]
    english, french = getattr(obj, field), getattr(obj, f"{field}_fr", "")
    return (french or english) if language == "fr" else (english or french)


def cut_at_word(text: str, length: int) -> str:
    """At most `length` signs and an ellipsis: between two words where there is a gap in the second
    half, else between two letters, never between a letter and its accent."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    cut = text.rfind(" ", length // 2, length + 1)
    if cut < 0:
        cut = length
        while cut > 1 and _is_inside_letter(text, cut):
            cut -= 1
    return text[:cut].rstrip(" ,;:–—-") + "…"


def fold_words(text: str) -> list[str]:
    """The words of a text in lower case and without accents, for comparing what people typed."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return list(dict.fromkeys(re.findall(r"\w+", plain.lower())))


def _is_inside_letter(text: str, cut: int) -> bool:
    """Would a cut here part what people see as one sign: accents, skin tones, joined emoji?"""
    kind = unicodedata.category(text[cut])
    return kind[0] == "M" or kind == "Sk" or JOINER in text[cut - 1 : cut + 1]
