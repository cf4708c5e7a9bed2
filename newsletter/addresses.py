"""The addresses that an issue points to."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from newsletter.models import IssueItem, NewsletterIssue

WEB = re.compile(r"https?://[^\s<>\"')\]]+")
# [words](/path) points into this site.
OWN = re.compile(r"\]\((/[^\s)]*)\)")


def addresses_in(text: str) -> list[str]:
    """Whole addresses and paths of this site, in the order of the text, each once."""
    found = [url.rstrip(".,;:!?") for url in WEB.findall(text)] + OWN.findall(text)
    return list(dict.fromkeys(found))


def is_ours(address: str) -> bool:
    host = urlsplit(settings.SITE_URL).netloc
    return address.startswith("/") or urlsplit(address).netloc == host


def addresses_of(issue: NewsletterIssue, items: Iterable[IssueItem]) -> dict[str, int | None]:
    """Address -> the item that has it (None: the opening words). What an item tells about is known
    to be there; it is not asked."""
    found: dict[str, int | None] = {}
    for text in (issue.intro, issue.intro_fr):
        found |= dict.fromkeys(addresses_in(text))
    for item in items:
        own = [item.path] if item.path and not item.source else []
        texts = f"{item.text}\n{item.text_fr}"
        for address in [*own, *addresses_in(texts)]:
            found.setdefault(address, item.pk)
    return found
