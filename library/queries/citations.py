"""How to cite a resource: a line to read, and entries for BibTeX and for RIS."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from cop.core.links import absolute
from library.models import Resource
from library.queries.credits import cited_people

Kind = Resource.Kind
RIS_TYPES = {
    Kind.RECORDING: "VIDEO", Kind.SLIDES: "SLIDE", Kind.MEETING_NOTES: "UNPB", Kind.LINK: "ELEC",
    Kind.TOOL: "GEN",
}  # fmt: skip
DEEDS = {
    Resource.Rights.CC_BY: ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    Resource.Rights.CC_BY_NC: ("CC BY-NC 4.0", "https://creativecommons.org/licenses/by-nc/4.0/"),
}
LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True)
class Citation:
    key: str
    kind: str
    # People who said yes to their name. Without any, `body` (who published it) stands first.
    people: tuple[str, ...]
    body: str
    community: str
    title: str
    edition: str
    year: int | None
    url: str
    licence: str
    language: str

    @property
    def authors(self) -> str:
        return ", ".join(self.people) or self.body

    @property
    def line(self) -> str:
        """Authors (2026). Title (edition). Community, address. Licence."""
        year = str(self.year) if self.year else _("no date")
        title = f"{self.title} ({self.edition})" if self.edition else self.title
        place = "" if self.community == self.authors else f"{self.community}, "
        parts = [f"{self.authors} ({year})", title, f"{place}{self.url}", self.licence]
        return ". ".join(part.rstrip(".") for part in parts if part) + "."


def citation_of(resource: Resource) -> Citation:
    community = resource.community
    year = resource.year or _year(resource)
    body = resource.publisher or resource.source or community.name
    return Citation(
        key=f"{_ascii(community.slug)}{year or ''}-{_ascii(resource.public_id)}",
        kind=resource.kind,
        people=tuple(_clean(name) for name in cited_people(resource)),
        body=_clean(body),
        community=_clean(community.name),
        title=_clean(resource.title),
        edition=_clean(resource.edition),
        year=year,
        # What lives elsewhere is cited where it lives.
        url=resource.url or absolute(resource.get_absolute_url()),
        licence=DEEDS[resource.rights][0] if resource.rights in DEEDS else "",
        language=resource.language,
    )


def bibtex(one: Citation) -> str:
    # A body in double braces stays one name; people are names with first and last parts.
    authors = " and ".join(_latex_name(name) for name in one.people) or f"{{{_latex(one.body)}}}"
    fields: dict[str, Any] = {
        "author": authors,
        "title": f"{{{_latex(one.title)}}}",
        "edition": _latex(one.edition),
        "publisher": _latex(one.community),
        "year": one.year,
        "url": _plain_url(one.url),
        "langid": {"en": "english", "fr": "french"}.get(one.language, ""),
        "note": _latex(one.licence),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{one.key},", *lines, "}", ""])


def ris(one: Citation) -> str:
    """Lines of two letters, two blanks, a hyphen and a blank; each ends in CRLF, TY first."""
    lines = [("TY", RIS_TYPES.get(Kind(one.kind), "RPRT"))]
    lines += [("AU", name) for name in one.people or (one.body,)]
    lines += [
        ("TI", one.title), ("ET", one.edition), ("PB", one.community),
        ("PY", str(one.year or "")), ("Y1", f"{one.year}///" if one.year else ""),
        ("LA", one.language), ("UR", _plain_url(one.url)), ("N1", one.licence),
    ]  # fmt: skip
    text = "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value)
    return f"{text}ER  - \r\n"


def _year(resource: Resource) -> int | None:
    if resource.date_of_source:
        return resource.date_of_source.year
    at = resource.published_at
    return at.astimezone(ZoneInfo(resource.community.timezone)).year if at else None


def _clean(text: str) -> str:
    """One line, composed letters, without signs that control."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs", "Cn"})


def _latex(text: str) -> str:
    return "".join(LATEX.get(c, c) for c in text)


def _latex_name(name: str) -> str:
    """A name with the word "and" or a comma in it would become two names."""
    split = "," in name or " and " in f" {name.lower()} "
    return f"{{{_latex(name)}}}" if split else _latex(name)


def _plain_url(url: str) -> str:
    """No brace, backslash, blank or letter beyond ASCII: those end a field or a line too early."""
    return quote(_clean(url), safe="%/:?#[]@!$&'()*+,;=~-._")


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
