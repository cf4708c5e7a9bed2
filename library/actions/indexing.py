"""What search needs of a resource beside its own columns."""

from zoneinfo import ZoneInfo

from library.models import Resource, SearchWord
from library.queries.credits import named_people
from library.search.folding import words_of

SLICE = 5_000
# Of a very long text the first words; what nobody types is not worth its row.
MOST_WORDS = 20_000


def reindex(resource: Resource) -> None:
    """After a change of title, words, people or file: bring the index in line."""
    resource.words = " ".join(
        [
            *resource.topics, *resource.audience_tags, resource.source, resource.publisher,
            *named_people(resource), _words_of_name(resource.file_name),
        ]
    ).strip()  # fmt: skip
    resource.year = _year_of(resource)
    Resource.objects.filter(pk=resource.pk).update(words=resource.words, year=resource.year)
    learn_words(
        resource.title, resource.summary, resource.words, resource.body, resource.transcript,
        resource.file_text,
    )  # fmt: skip


def _year_of(resource: Resource) -> int | None:
    if resource.date_of_source:
        return resource.date_of_source.year
    at = resource.published_at
    return at.astimezone(ZoneInfo(resource.community.timezone)).year if at else None


def learn_words(*texts: str) -> None:
    """Into the lexicon of what slips are compared with."""
    words = sorted({word for text in texts for word in words_of(text)})[:MOST_WORDS]
    for start in range(0, len(words), SLICE):
        rows = [SearchWord(word=word) for word in words[start : start + SLICE]]
        SearchWord.objects.bulk_create(rows, ignore_conflicts=True)


def _words_of_name(name: str) -> str:
    """handover-card_v2.docx: handover card v2."""
    return name.rpartition(".")[0].replace("-", " ").replace("_", " ")
