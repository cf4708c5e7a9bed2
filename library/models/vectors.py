"""The index entries of a resource, made by the database with each change of the row."""

from typing import Any

from django.contrib.postgres.search import (
    CombinedSearchVector,
    SearchVector,
    SearchVectorField,
)
from django.db.models import Case, When


def head_vector() -> Any:  # noqa: ANN401
    """A: title. B: summary, and topics, people, sources. Stemmed in both languages."""
    english, french = (
        SearchVector("title", weight="A", config=config)
        + SearchVector("summary", "words", weight="B", config=config)
        for config in ("cop_en", "cop_fr")
    )
    return english + french


def _long_text(*fields: str, weight: str) -> Any:  # noqa: ANN401
    """Stemmed in the language of the resource alone: long texts are most of the index."""
    english, french = (SearchVector(*fields, weight=weight, config=c) for c in ("cop_en", "cop_fr"))
    return Case(When(language="fr", then=french), default=english, output_field=SearchVectorField())


def whole_vector() -> Any:  # noqa: ANN401
    """The head. C: text. D: inside the file."""
    text = _long_text("body", "transcript", weight="C")
    inside = _long_text("file_text", weight="D")
    return CombinedSearchVector(
        CombinedSearchVector(head_vector(), "||", text, None), "||", inside, None
    )
