"""Looking up what a certificate said when it was printed."""

import re

from meetings.models import Certificate


def find_certificate(typed: str) -> Certificate | None:
    """The code as people type it: with dashes, blanks or capitals."""
    code = re.sub(r"[^a-z0-9]", "", typed.lower())
    if not 10 <= len(code) <= 20:
        return None
    rows = Certificate.objects.select_related("community", "meeting")
    return rows.filter(code=code).first()


def in_groups(code: str) -> str:
    """`bcdfghjkmnpqr` reads as `bcdf-ghjk-mnpqr`."""
    head, tail = code[:8], code[8:]
    return "-".join([head[:4], head[4:], tail]).strip("-")


def initials(name: str) -> str:
    """“Dani Achebe-Roy” is shown as “D. A.”: enough to compare with the paper in hand."""
    return " ".join(f"{word[0]}." for word in name.split() if word)
