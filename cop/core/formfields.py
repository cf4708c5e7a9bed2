"""Text fields that know that a name of invisible signs is no name."""

from typing import Any

from django import forms

from cop.core.mail import one_line


class OneLineField(forms.CharField):
    """One line of text: no line break, no control or invisible sign."""

    def to_python(self, value: Any) -> str:  # noqa: ANN401  what a browser sent
        return one_line(super().to_python(value) or "")


class WordsField(forms.CharField):
    """Several lines of text. Nothing but spaces and invisible signs counts as empty."""

    def to_python(self, value: Any) -> str:  # noqa: ANN401  what a browser sent
        text = super().to_python(value) or ""
        return text if any(c.isprintable() and not c.isspace() for c in text) else ""
