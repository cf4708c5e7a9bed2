"""Sample e-mails for proof-reading: invented people and houses, nothing from the database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from cop.core.mail import Email

Words = str | Promise


@dataclass(frozen=True)
class Scene:
    """For whom and when a sample is made. `words` stands in place of all that people type."""

    language: str
    now: datetime
    words: str = ""

    def said(self, english: str, french: str) -> str:
        """What an invented person typed: of their own accord, so no translation of ours."""
        return self.words or (french if self.language == "fr" else english)


@dataclass(frozen=True)
class Sample:
    """One e-mail that the product sends. `stop`: how to switch it off; empty: nobody can."""

    name: str
    kind: str
    template: str
    title: Words
    to: Words
    trigger: Words
    build: Callable[[Scene], Email]
    stop: Words = ""
    is_budgeted: bool = False
