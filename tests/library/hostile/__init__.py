"""Files that somebody may send to harm us or a reader, built by code: none lies in the repository.

`refused`: it must not come in. `kept`: it comes in and must be harmless where it is handed out.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hostile:
    name: str
    content: bytes
    fate: str
    # What the browser says it is: nobody may believe it.
    says: str = "text/html"


def refused(name: str, content: bytes, says: str = "text/html") -> Hostile:
    return Hostile(name, content, "refused", says)


def kept(name: str, content: bytes, says: str = "text/html") -> Hostile:
    return Hostile(name, content, "kept", says)
