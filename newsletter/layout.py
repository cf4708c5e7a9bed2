"""From the blocks of an issue to the places of its mail, as HTML."""

import re
from collections.abc import Callable
from html import unescape
from itertools import groupby
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.html import markdown
from cop.core.links import absolute
from cop.core.mail import without_hidden_signs
from cop.core.text import localized
from cop.core.time import say_span
from newsletter.frame import Marks, lay_out
from newsletter.models import IssueItem, IssuePicture, NewsletterIssue
from newsletter.queries import Block

# An address and what it belongs to -> the address that stands in the mail.
Follow = Callable[[str, str], str]
HREF = re.compile(r'href="([^"]*)"')
# From so many items on the mail says at its top what is in it.
MANY, MOST_NAMED = 5, 8
COLUMN = 536


def as_it_is(url: str, label: str) -> str:
    return url


def issue_html(
    issue: NewsletterIssue,
    blocks: list[Block],
    language: str,
    frame: dict[str, str],
    *,
    follow: Follow = as_it_is,
    is_test: bool = False,
) -> str:
    """`frame`: sender_name, postal_address, why, choices_url, unsubscribe_url."""
    marks = Marks()
    with translation.override(language):
        return lay_out(
            _context(issue, blocks, frame, marks, follow, is_test) | {"language": language}, marks
        )


def _context(
    issue: NewsletterIssue,
    blocks: list[Block],
    frame: dict[str, str],
    marks: Marks,
    follow: Follow,
    is_test: bool,
) -> dict[str, Any]:
    title = localized(issue, "subject")
    intro = clean(localized(issue, "intro"))
    return {
        "title": marks.text(title),
        "preheader": marks.text(" · ".join(block.title for block in blocks[:3])),
        "heading": marks.html(format_html("<h1>{}</h1>", title)),
        "number": marks.text(_("Newsletter %(number)s") % {"number": issue.number}),
        "is_test": is_test,
        "test_note": _("This is a test. Only those who make the newsletter get it."),
        "intro": marks.html(_followed(markdown(intro), follow, title)),
        "contents": marks.html(_contents(blocks)),
        "groups": [
            {"label": marks.text(label), "blocks": [_block(one, marks, follow) for one in found]}
            for label, found in _groups(blocks)
        ],
        "web_url": marks.text(follow(absolute(issue.get_absolute_url()), title)),
        "web_label": _("Read this issue on the web"),
        "sender_name": marks.text(frame["sender_name"]),
        "postal_address": marks.text(frame["postal_address"]),
        "why": marks.text(str(frame["why"])),
        "foot_links": marks.html(_foot_links(frame)),
    }


def clean(text: str) -> str:
    """Without signs that nobody sees and that change what stands around them."""
    return without_hidden_signs(text)


def _groups(blocks: list[Block]) -> list[tuple[str, list[Block]]]:
    """Neighbours of one kind stand under one heading; each text of the editors stands alone."""
    found = []
    for label, some in groupby(blocks, key=lambda block: block.label):
        rows = list(some)
        if label:
            found.append((label, rows))
        else:
            found += [("", [one]) for one in rows]
    return found


def _contents(blocks: list[Block]) -> SafeString:
    if len(blocks) < MANY:
        return mark_safe("")
    rows = format_html_join("", "<li>{}</li>", ((one.title,) for one in blocks[:MOST_NAMED]))
    more = len(blocks) - MOST_NAMED
    if more > 0:
        words = ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}
        rows += format_html("<li>{}</li>", words)
    return format_html("<p><strong>{}</strong></p><ul>{}</ul>", _("In this issue"), rows)


def _block(block: Block, marks: Marks, follow: Follow) -> dict[str, Any]:
    """In one piece where there is no picture between title and text: it keeps the mail small."""
    head = format_html("<h2>{}</h2>", block.title)
    if hours := when(block):
        head += format_html('<p class="when">{}</p>', hours)
    body = _followed(markdown(clean(block.text)), follow, block.title)
    if block.url:
        url = follow(block.url, block.title)
        body += format_html('<p><a href="{}"><strong>{}</strong></a></p>', url, link_words(block))
    if block.picture is None:
        return {"body": marks.html(head + body)}
    return {
        "head": marks.html(head),
        "body": marks.html(body),
        "picture": marks.text(picture_url(block.item, block.picture)),
        "alt": marks.text(localized(block.picture, "alt")),
        "picture_width": min(COLUMN, block.picture.width),
    }


def when(block: Block) -> str:
    """Day, hours and zone of a meeting, on its own clock."""
    source = block.source
    if source is None or source.starts_at is None or source.ends_at is None:
        return ""
    return say_span(source.starts_at, source.ends_at, source.zone)


def link_words(block: Block) -> str:
    if block.source is not None and block.source.starts_at:
        return _("About this meeting")
    if block.item.kind == IssueItem.Kind.BALLOT:
        return _("See the vote")
    if block.is_teaser:
        return _("Sign in to read it")
    return _("Read it")


def picture_url(item: IssueItem, picture: IssuePicture) -> str:
    return absolute(f"{item.issue.get_absolute_url()}pictures/{picture.public_id}/")


def _followed(html: SafeString, follow: Follow, label: str) -> SafeString:
    """The links in a text, counted where clicks are counted."""

    def one(found: re.Match[str]) -> str:
        url = unescape(found[1])
        url = f"{settings.SITE_URL}{url}" if url.startswith("/") else url
        return f'href="{escape(follow(url, label))}"'

    return mark_safe(HREF.sub(one, html))  # noqa: S308  what was clean stays so


def _foot_links(frame: dict[str, str]) -> SafeString:
    links = [
        (frame["choices_url"], _("Choose what we write to you about")),
        (frame["unsubscribe_url"], _("Stop these e-mails")),
    ]
    rows = format_html_join(
        mark_safe("<br>"), '<a href="{}">{}</a>', ((url, words) for url, words in links if url)
    )
    return rows
