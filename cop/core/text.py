from typing import Any

from django.utils import translation


def localized(obj: Any, field: str, language: str | None = None) -> str:  # noqa: ANN401
    """A text in the reader's language, else in the other one that exists (G5)."""
    language = (language or translation.get_language() or "en")[:2]
    english, french = getattr(obj, field), getattr(obj, f"{field}_fr", "")
    return (french or english) if language == "fr" else (english or french)
