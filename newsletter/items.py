from dataclasses import dataclass

from newsletter.models import IssueItem


@dataclass(frozen=True)
class ItemText:
    """One item as the editor left it. `pk=None`: a new text of their own."""

    pk: int | None
    title: str
    text: str = ""
    position: int = 0
    is_included: bool = True
    edition: str = IssueItem.Edition.PUBLIC
