"""Every e-mail with its sample, in each language: what the tests of mails go through."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from django.conf import settings

from cop.core.mail import Email
from cop.core.samples import Scene
from cop.proofs.catalogue import SAMPLES

NOW = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
LANGUAGES = [code for code, _name in settings.LANGUAGES]
EVERY = [(name, language) for name in SAMPLES for language in LANGUAGES]


def build(name: str, language: str = "en", words: str = "") -> Email:
    return SAMPLES[name].build(Scene(language, NOW, words))


class Page(HTMLParser):
    """What a test asks of the HTML part: tags with their attributes, and the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.words: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent += tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())
