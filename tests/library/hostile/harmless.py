"""What must be so with every file that we hand out (ASVS 3.2.1)."""

import re
from typing import Any

# What a browser may show or play in the page, since no program can be in it.
SHOWN = ("image/png", "image/jpeg", "audio/", "video/")
NEVER = ("html", "svg", "xml", "javascript", "x-php", "msdownload")
PLAIN = re.compile(r"[\x20-\x7e]+")
NAME = re.compile(
    r"(attachment|inline)(?:; filename=\"[^\"\\%\r\n]*\"(?:; filename\*=UTF-8''[\w.~%-]+)?)?"
)


def what_is_wrong(headers: dict[str, Any]) -> list[str]:
    """Nothing, where the file is harmless."""
    kind = headers.get("Content-Type", "")
    way = headers.get("Content-Disposition", "")
    policy = headers.get("Content-Security-Policy", "")
    is_office = "openxmlformats" in kind or "opendocument" in kind
    wrong = {
        f"type {kind!r}": any(word in kind for word in NEVER) and not is_office,
        "no type": not kind,
        f"shown in the page: {way!r}": not way.startswith("attachment")
        and not kind.startswith(SHOWN),
        f"name {way!r}": not NAME.fullmatch(way) or not PLAIN.fullmatch(way),
        f"leads elsewhere: {way!r}": ".." in way or "/" in way.partition("filename*=")[0],
        "type is guessed": headers.get("X-Content-Type-Options") != "nosniff",
        f"policy {policy!r}": "sandbox" not in policy or "default-src 'none'" not in policy,
        "allows programs": "allow-scripts" in policy or "unsafe" in policy,
        "kept by caches": "no-store" not in headers.get("Cache-Control", "")
        and "private" not in headers.get("Cache-Control", ""),
    }
    return [about for about, is_so in wrong.items() if is_so]
