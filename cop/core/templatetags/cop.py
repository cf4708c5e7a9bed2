"""Template tags of the look: icons, drawings, initials. A builtin: no {% load %} needed."""

from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from cop.core.text import cut_at_word

register = template.Library()

PARTS = Path(settings.BASE_DIR) / "templates" / "components"


@cache
def _svg(folder: str, name: str) -> str:
    path = PARTS / folder / f"{name}.svg"
    if not path.is_file():
        raise template.TemplateSyntaxError(f"There is no {path.relative_to(PARTS.parent)}.")
    return path.read_text(encoding="utf-8").strip()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An inline SVG, hidden from screen readers: a word always stands beside it."""
    svg = _svg("icons", name)
    if size:
        svg = svg.replace('class="icon"', f'class="icon icon-{size}"', 1)
    return mark_safe(svg)  # noqa: S308  our own files


@register.simple_tag
def drawing(name: str) -> SafeString:
    """One of our drawings in three tones (tide, bough, lamp, kettle, door); decoration only."""
    return mark_safe(_svg("drawings", name))  # noqa: S308  our own files


@register.filter
def shortened(text: object) -> str:
    """What people typed, for the subject of a mail: about 60 signs, cut between two words."""
    return cut_at_word(str(text or ""), 60)


@register.filter
def initials(name: str) -> str:
    """Dani Whitefeather becomes DW, for the round badge beside a name."""
    words = [word for word in str(name or "").split() if word[0].isalnum()]
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()
