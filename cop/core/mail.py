import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation


@dataclass(frozen=True)
class Email:
    """One rendered message. `calendar` is an iCalendar text that goes along as invite.ics."""

    subject: str
    text: str
    html: str
    calendar: str = ""
    calendar_method: str = ""


@cache
def _inliner() -> css_inline.CSSInliner:
    path = finders.find("css/email.css")
    css = ""
    if path:
        with open(path, encoding="utf-8") as file:
            css = file.read()
    return css_inline.CSSInliner(
        extra_css=css, load_remote_stylesheets=False, keep_style_tags=True, keep_link_tags=False
    )


def inline_css(html: str) -> str:
    """Mail programs read styles only where they stand, so put them there."""
    return _inliner().inline(html)


JOINERS = "\u200c\u200d"


# The beginning of what a header takes for letters in disguise, line breaks among them (RFC 2047).
_ENCODED = re.compile(r"=\?(?=[^?]*\?[a-zA-Z]\?)")


def one_line(text: str) -> str:
    """Safe for a header: no line break or control sign survives. What joins an emoji does."""
    line = " ".join("".join(c if c.isprintable() or c in JOINERS else " " for c in text).split())
    return _ENCODED.sub("= ?", line)


# Signs that nobody sees and that change what stands around them: control signs, and those that
# turn the direction of writing for the rest of the line.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u2028-\u202e\u2066-\u2069]")


def without_hidden_signs(text: str) -> str:
    return _HIDDEN.sub("", text.replace("\r\n", "\n"))


def tidy_text(text: str) -> str:
    """A text part as it leaves: never more than one empty line together."""
    return re.sub(r"\n[ \t]*\n(?:[ \t]*\n)+", "\n\n", without_hidden_signs(text)).strip() + "\n"


def render_email(
    name: str,
    context: dict[str, Any],
    *,
    language: str = "en",
    calendar: str = "",
    method: str = "",
) -> Email:
    """Render `<name>.subject.txt`, `<name>.txt` and `<name>.html` in the reader's language."""
    with translation.override(language):
        full = {
            "site_url": settings.SITE_URL,
            "site_name": settings.SITE_NAME,
            "postal_address": settings.POSTAL_ADDRESS,
            "language": language,
            **context,
        }
        return Email(
            subject=one_line(render_to_string(f"{name}.subject.txt", full)),
            text=tidy_text(render_to_string(f"{name}.txt", full)),
            html=inline_css(without_hidden_signs(render_to_string(f"{name}.html", full))),
            calendar=calendar,
            calendar_method=method,
        )
