"""What the search finds meetings and topics by: the words of title and description, stemmed in
both languages. The same expression stands in the index, or the index would not be used."""

from typing import Any

from django.contrib.postgres.search import SearchVector


def title_and_description() -> Any:  # noqa: ANN401
    english, french = (
        SearchVector("title", weight="A", config=config)
        + SearchVector("description", weight="B", config=config)
        for config in ("cop_en", "cop_fr")
    )
    return english + french
