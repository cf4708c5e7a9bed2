"""The text part of an issue, written from the same blocks: to be read, not to be deciphered."""

import textwrap

from django.utils import translation
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cop.core.links import absolute
from cop.core.mail import one_line, tidy_text
from cop.core.text import localized
from newsletter.layout import Follow, as_it_is, clean, link_words, when
from newsletter.models import NewsletterIssue
from newsletter.queries import Block

WIDTH = 72


def issue_text(
    issue: NewsletterIssue,
    blocks: list[Block],
    language: str,
    frame: dict[str, str],
    *,
    follow: Follow = as_it_is,
) -> str:
    with translation.override(language):
        title = one_line(localized(issue, "subject"))
        number = _("Newsletter %(number)s") % {"number": issue.number}
        parts = [
            title.upper() if title.islower() else title,
            f"{one_line(frame['sender_name'])} · {number}",
            f"{_('On the web:')}\n{follow(absolute(issue.get_absolute_url()), title)}",
            plain(localized(issue, "intro"), follow, title),
            *(_block(block, follow) for block in blocks),
            _foot(frame),
        ]
    return tidy_text("\n\n".join(part for part in parts if part))


def _block(block: Block, follow: Follow) -> str:
    title = one_line(block.title)
    head = f"{block.label}: {title}" if block.label else title
    lines = [_wrap(f"* {head}", later="  ")]
    if hours := when(block):
        lines.append(hours)
    if block.text:
        lines.append(plain(block.text, follow, title))
    if block.url:
        lines.append(f"{link_words(block)}:\n{follow(block.url, title)}")
    return "\n".join(lines)


def _foot(frame: dict[str, str]) -> str:
    sender = _("This message comes from %(sender)s.") % {"sender": one_line(frame["sender_name"])}
    lines = ["-- ", sender, frame["postal_address"], "", str(frame["why"])]
    for url, words in (
        (frame["choices_url"], _("Choose what we write to you about:")),
        (frame["unsubscribe_url"], _("Stop these e-mails:")),
    ):
        if url:
            lines += ["", words, url]
    return "\n".join(lines)


def plain(text: str, follow: Follow = as_it_is, label: str = "") -> str:
    """Markdown as people would write it in a mail: lists with dashes, links after their words."""
    tokens = MarkdownIt("commonmark", {"html": False, "breaks": True}).parse(clean(text))
    return "\n\n".join(_paragraphs(tokens, follow, label)).strip()


def _paragraphs(tokens: list[Token], follow: Follow, label: str) -> list[str]:
    found: list[str] = []
    items: list[str] = []
    depth, numbers, starts = 0, [], ""
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
            numbers.append(0 if token.type.startswith("ordered") else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
            numbers.pop()
            if not depth:
                found.append("\n".join(items))
                items = []
        elif token.type == "list_item_open":
            if numbers[-1] is not None:
                numbers[-1] += 1
            starts = f"{numbers[-1]}. " if numbers[-1] else "- "
        elif token.type == "inline":
            words = _words(token, follow, label)
            if depth:
                first = "  " * (depth - 1) + (starts or "  ")
                items.append(_wrap(words, first=first, later=" " * len(first)))
                starts = ""
            else:
                found.append(_wrap(words))
        elif token.type in {"fence", "code_block"}:
            found.append(token.content.strip("\n"))
    return found


def _words(token: Token, follow: Follow, label: str) -> str:
    parts, href = [], ""
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif child.type == "link_open":
            href = str(child.attrGet("href") or "")
            parts.append("\x00")
        elif child.type == "link_close":
            start = len(parts) - 1 - parts[::-1].index("\x00")
            words = "".join(parts[start + 1 :])
            address = _address(href, follow, label)
            parts[start:] = [words if words == href and address == href else f"{words} ({address})"]
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts).replace("\x00", "")


def _address(href: str, follow: Follow, label: str) -> str:
    return follow(absolute(href) if href.startswith("/") else href, label)


def _wrap(text: str, first: str = "", later: str = "") -> str:
    """Long lines broken between words; an address stays in one piece."""
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        lead = first if number == 0 else later
        lines += textwrap.wrap(
            line, WIDTH, initial_indent=lead, subsequent_indent=later,
            break_long_words=False, break_on_hyphens=False,
        ) or [lead.rstrip()]  # fmt: skip
    return "\n".join(lines)
