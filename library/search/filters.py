"""What the address of a search asks for."""

from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from library.models import Resource, Visibility
from members.models import Stream

MOST_WORDS = 200
FACETS = ("kind", "topic", "stream", "language", "year", "minutes", "visibility")


class Minutes(TextChoices):
    SHORT = "5", _("Up to 5 minutes")
    MIDDLE = "15", _("6 to 15 minutes")
    LONG = "60", _("More than 15 minutes")


class Sort(TextChoices):
    BEST = "", _("Best first")
    NEWEST = "newest", _("Newest first")
    USED = "used", _("Most used in practice")


@dataclass(frozen=True)
class Filters:
    """Anything unknown in the address counts as not asked. `words` as typed."""

    words: str = ""
    kind: str = ""
    topic: str = ""
    stream: str = ""
    language: str = ""
    year: str = ""
    minutes: str = ""
    visibility: str = ""
    sort: str = ""

    @classmethod
    def read(cls, params: Any) -> Self:  # noqa: ANN401  a QueryDict
        def one_of(name: str, values: Any) -> str:  # noqa: ANN401
            return value if (value := params.get(name, "")) in values else ""

        year = params.get("year", "")
        return cls(
            words=_one_line(params.get("q", ""))[:MOST_WORDS],
            kind=one_of("kind", Resource.Kind.values),
            topic=_one_line(params.get("topic", ""))[:60],
            stream=one_of("stream", Stream.Kind.values),
            language=one_of("language", dict(settings.LANGUAGES)),
            year=year if year.isascii() and year.isdigit() and len(year) == 4 else "",
            minutes=one_of("minutes", Minutes.values),
            visibility=one_of("visibility", Visibility.values),
            sort=one_of("sort", Sort.values),
        )

    @property
    def narrowing(self) -> dict[str, str]:
        """Facet: value, of those that are set."""
        return {name: value for name in FACETS if (value := getattr(self, name))}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.narrowing)

    def query(self, **more: str) -> str:
        """The part of the address after the question mark."""
        values = {"q": self.words} | self.narrowing | {"sort": self.sort} | more
        return urlencode({name: value for name, value in values.items() if value})

    def without(self, *names: str) -> Self:
        return replace(self, **dict.fromkeys(names, ""))


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
