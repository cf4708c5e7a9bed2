from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from cop.desk import has_scanner, waiting_for
from members.models import User

register = template.Library()


@register.inclusion_tag("admin/_waiting.html")
def desk_waiting(person: User) -> dict[str, Any]:
    """What waits for this person, on the start page of the desk."""
    return {"waiting": waiting_for(person, now=timezone.now()), "has_scanner": has_scanner()}


@register.filter
def with_labels(cells: Iterable[str], headers: list[dict[str, Any]]) -> list[SafeString]:
    """The cells of a row of the admin, each with the name of its column for narrow screens."""
    return [
        _labelled(cell, capfirst(strip_tags(str(header["text"])).strip()))
        for cell, header in zip(cells, headers, strict=False)
    ]


def _labelled(cell: str, label: str) -> SafeString:
    for tag in ("<td", "<th"):
        if label and cell.startswith(tag):
            # The cell comes escaped from Django, the label is escaped here.
            return mark_safe(f'{tag} data-label="{escape(label)}"{cell[len(tag) :]}')  # noqa: S308
    return mark_safe(cell)  # noqa: S308
