"""The HTML of an issue: MJML makes tables that Outlook, too, lays out as meant.

MJML never sees what people wrote. It lays out marks, and the words, cleaned or escaped, are put in
their places afterwards: no text of anybody can break the frame.
"""

import re
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from mjml import mjml2html

from cop.core.mail import without_hidden_signs

FONT = "'BC Sans', 'Noto Sans', 'Segoe UI', Helvetica, Arial, sans-serif"
FOLDER = "newsletter/email"
MARK = re.compile(r"@@(\d+)@@")


class Marks:
    """Words of people, kept aside while the frame is laid out."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def html(self, html: str) -> SafeString:
        """Harmless HTML, with its styles put where they stand."""
        return self._keep(_inliner().inline_fragment(html, _style("_words")) if html else "")

    def text(self, text: str) -> SafeString:
        """For a place between tags, or inside of quotes."""
        return self._keep(escape(text))

    def _keep(self, html: str) -> SafeString:
        if not html:
            return mark_safe("")
        self.kept.append(without_hidden_signs(html))
        return mark_safe(f"@@{len(self.kept) - 1}@@")  # noqa: S308  digits

    def put_back(self, html: str) -> str:
        """Once, from left to right: what looks like a mark inside of a text stays as it is."""
        return MARK.sub(lambda found: self._kept_at(int(found[1]), found[0]), html)

    def _kept_at(self, number: int, mark: str) -> str:
        return self.kept[number] if number < len(self.kept) else mark


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)


@cache
def _style(name: str) -> str:
    """A style sheet of ours on one line, without its remarks."""
    css = render_to_string(f"{FOLDER}/{name}.css")
    return " ".join(re.sub(r"/\*.*?\*/", "", css, flags=re.S).split())


def lay_out(context: dict[str, Any], marks: Marks) -> str:
    """The whole mail. `context`: what the template asks for, with marks in it."""
    frame = {
        "site_url": settings.SITE_URL,
        "font": mark_safe(FONT),  # noqa: S308  ours
        "styles": mark_safe(_style("_screen")),  # noqa: S308  ours
    }
    html = str(mjml2html(render_to_string(f"{FOLDER}/issue.mjml", frame | context)))
    # Screen readers jump to the main part of a document; an article is none.
    html = html.replace('aria-roledescription="email" ', "")
    html = html.replace('role="article"', 'role="main"')
    return marks.put_back(html)
