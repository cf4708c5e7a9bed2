"""What a source of news offers: candidates for an issue, how they stand now, lines of a digest."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils.html import strip_tags
from django.utils.text import Truncator

from members.models import Community

# Of a text that somebody wrote elsewhere: enough to know whether one wants to read on.
WORDS = 45


@dataclass(frozen=True)
class Source:
    """What an item tells about, as it is now."""

    edition: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    zone: str = ""


@dataclass(frozen=True)
class Span:
    """What an issue covers: what happened from `since` to `now`, and what comes up to `until`."""

    community: Community
    since: datetime
    now: datetime
    until: date
    # Not before this moment does the issue leave: what is over by then is no news.
    leaves: datetime
    # (kind, source) of what earlier issues told: nothing is told twice.
    told: frozenset[tuple[str, str]] = frozenset()

    def told_of(self, kind: str, name: str) -> list[str]:
        """The public ids that a source has told of as this kind."""
        start = f"{name}:"
        return [
            source.removeprefix(start)
            for known, source in self.told
            if known == kind and source.startswith(start)
        ]


@dataclass(frozen=True)
class Candidate:
    """One thing that could be in an issue. `source`: "meeting:<public id>"."""

    kind: str
    source: str
    path: str
    edition: str
    why: str
    title: str = ""
    title_fr: str = ""
    text: str = ""
    text_fr: str = ""


@dataclass
class Gathered:
    """`more`: how many there was no room for."""

    candidates: list[Candidate] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True)
class Line:
    """One thing to tell in a digest. `kind`: one of LINE_KINDS, in the order of the mail."""

    kind: str
    title: str
    path: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class News:
    """Something new, since when, and for whom."""

    line: Line
    at: datetime
    edition: str


class NewsSource(Protocol):
    """A module of this package."""

    NAME: str

    def candidates(self, span: Span) -> Gathered:
        """For an issue, the most important first, never more than the source's own limit."""

    def look_up(self, public_ids: Collection[str]) -> dict[str, Source]:
        """Public id -> how it stands now. What is cancelled, withdrawn or gone is not in here."""

    def news(self, community: Community, since: datetime, cut: datetime) -> Iterator[News]:
        """For the weekly digest: what is new from `since` to just before `cut`."""


def first(rows: QuerySet[Any], most: int) -> tuple[list[Any], int]:
    """The first rows, and how many more there are. Counts only where there may be more."""
    found = list(rows[: most + 1])
    return found[:most], rows.count() - most if len(found) > most else 0


def in_language(language: str, title: str, text: str = "") -> dict[str, str]:
    """The fields of a candidate for words in one language."""
    if language == "fr":
        return {"title_fr": title, "text_fr": text}
    return {"title": title, "text": text}


def opening_words(text: str) -> str:
    """The beginning of a text, as plain words."""
    return Truncator(strip_tags(text)).words(WORDS)
