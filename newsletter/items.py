from dataclasses import dataclass, field
from typing import Any

from newsletter.models import IssueItem


@dataclass(frozen=True)
class ItemText:
    """One item as the editor left it. `pk=None`: a new one of their own.

    `person`: the key of whom a spotlight is about. `alt`: what its picture shows.
    """

    pk: int | None
    title: str
    text: str = ""
    position: int = 0
    is_included: bool = True
    edition: str = IssueItem.Edition.PUBLIC
    title_fr: str = ""
    text_fr: str = ""
    kind: str = IssueItem.Kind.OWN_TEXT
    path: str = ""
    person: int | None = None
    picture: int | None = None
    alt: str = ""
    alt_fr: str = ""


@dataclass(frozen=True)
class IssueText:
    """All that editors write in one issue."""

    subject: str = ""
    subject_fr: str = ""
    intro: str = ""
    intro_fr: str = ""
    items: tuple[ItemText, ...] = field(default=())


HEAD = ("subject", "subject_fr", "intro", "intro_fr")
# What may be changed of an item that exists; its kind stays.
WORDS = (
    "title",
    "title_fr",
    "text",
    "text_fr",
    "position",
    "is_included",
    "edition",
    "path",
    "person",
    "picture",
    "alt",
    "alt_fr",
)


def as_content(text: IssueText) -> dict[str, Any]:
    """As a version keeps it (IssueVersion.content)."""
    rows = [{"pk": one.pk, "kind": one.kind} | _words(one) for one in text.items]
    return {name: getattr(text, name) for name in HEAD} | {"items": rows}


def _words(item: ItemText) -> dict[str, Any]:
    return {name: getattr(item, name) for name in WORDS}


def from_content(content: dict[str, Any]) -> IssueText:
    """The other way round. What an older version did not know has its default."""
    known = {"pk", "kind", *WORDS}
    items = tuple(
        ItemText(**{"pk": None, "title": ""} | {k: v for k, v in row.items() if k in known})
        for row in content.get("items", [])
    )
    return IssueText(**{name: content.get(name, "") for name in HEAD}, items=items)
