"""A paper on a page: the way to it, or the word why there is none."""

from typing import Any

from django import template

from members.documents import Paper, reading_state

register = template.Library()


@register.inclusion_tag("members/_paper.html")
def paper(row: Paper, url: str, *, noted: bool = False) -> dict[str, Any]:
    """`noted`: say beside it that opening is noted."""
    return {"row": row, "url": url, "noted": noted, "state": reading_state(row)}
