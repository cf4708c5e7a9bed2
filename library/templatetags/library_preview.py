"""What is inside a file, shown in the page: {% load library_preview %}."""

from typing import Any

from django import template
from django.http import HttpRequest

from cop.core.filetypes import CONTENT_TYPES, FILMS, PICTURES, SOUNDS
from library.captions import chapters_of
from library.models import Resource

register = template.Library()
FIRST_PAGES, MORE_PAGES, MOST_SHOWN, SHORT = 3, 10, 20_000, 1500
State = Resource.TextState


@register.inclusion_tag("library/detail/_preview.html", takes_context=True)
def preview(context: dict[str, Any], resource: Resource) -> dict[str, Any]:
    """{% preview resource %}: of what may be handed out. Asks nothing of the database where the
    row came with its `file_text`."""
    request: HttpRequest = context["request"]
    kind = resource.file_type if resource.file else ""
    is_played = kind in SOUNDS | FILMS
    text = resource.file_text if kind and resource.text_state == State.READ else ""
    pages = resource.preview_pages if kind == "pdf" else 0
    shown = min(_asked(request), pages)
    return {
        "resource": resource,
        "community": resource.community,
        "content_type": CONTENT_TYPES.get(kind, ""),
        "is_picture": kind in PICTURES,
        "is_sound": kind in SOUNDS,
        "is_film": kind in FILMS,
        "pages": range(1, shown + 1),
        "all_pages": pages,
        "more_pages": shown + MORE_PAGES if shown < pages else 0,
        "next_page": shown + 1,
        "text": text[:MOST_SHOWN],
        "is_cut": len(text) > MOST_SHOWN,
        "is_short": len(resource.transcript) < SHORT,
        "chapters": chapters_of(resource.chapters),
        "is_played": is_played,
        "waits": bool(kind) and resource.text_state == State.WAITING,
        "cannot_show": bool(kind) and not (is_played or kind in PICTURES or pages or text),
    }


def _asked(request: HttpRequest) -> int:
    asked = request.GET.get("pages", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 4
    return max(int(asked), FIRST_PAGES) if is_number else FIRST_PAGES
