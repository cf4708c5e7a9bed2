"""What the words of a mail server say about an address (RFC 3463)."""

import re

from django.utils.translation import gettext as _

from outbox.addresses import UNWRITABLE

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
BASIC = re.compile(r"(?<![\d.])([245]\d\d)(?![\d.])")
# There is no such mailbox, or no such domain. 5.1.7 and 5.1.8 speak of the sender.
NOBODY_THERE = re.compile(r"5\.(1\.[0-6]|1\.10|2\.1|4\.4)$")
VAGUE = ("4.0.0", "5.0.0")
HARD, SOFT, POLICY = "hard", "soft", "policy"


def verdict(words: str) -> str:
    """`hard`, `soft`, `policy` (it is about us, not about the address), or nothing."""
    found = [match[0] for match in ENHANCED.finditer(words)]
    exact = [status for status in found if status not in VAGUE]
    if exact:
        return _by_status(exact[0])
    basic = BASIC.search(words)
    code = basic[1] if basic else ""
    if code in ("550", "551", "553"):
        return HARD
    return SOFT if found or code[:1] in ("4", "5") else ""


def _by_status(status: str) -> str:
    if status.startswith("2."):
        return ""
    if status.startswith(("5.7.", "4.7.")) or status in ("5.1.7", "5.1.8"):
        return POLICY
    return HARD if NOBODY_THERE.match(status) else SOFT


def say_verdict(words: str) -> str:
    """The same for people; the words of the server where they say nothing clear."""
    if words == UNWRITABLE:
        return _("We cannot write to addresses with such letters.")
    said = {
        HARD: _("The mail server says that there is no such mailbox."),
        SOFT: _("The mail server takes no mail for it now. The mailbox may be full."),
    }
    return said.get(verdict(words), words)
