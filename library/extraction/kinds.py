"""Each kind of file and the way to its text. Runs in the child only; knows nothing of the site."""

import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

import pypdfium2

MOST_PAGES, PIECE = 500, 64 * 1024
# Of one part of an Office file, unpacked.
MOST_PART = 64 * 1024 * 1024
MOST_PLAIN = 4_000_000
# How an Office file with a password begins: no archive at all.
OLE_MARK = b"\xd0\xcf\x11\xe0"
NOISE = re.compile(r"[^\S\n]+")
Texts = Iterator[str]


class Locked(Exception):
    """Needs a password."""


class Unreadable(Exception):
    """Broken, or not what it says it is."""


def read(path: str, kind: str, chars: int) -> dict[str, Any]:
    """Text, pages (of a PDF) and the problem, if there is one."""
    pages = 0
    try:
        if kind == "pdf":
            pages = _count_pages(path)
        return {"text": _gathered(READERS[kind](path), chars), "pages": pages, "problem": ""}
    except Locked:
        return {"text": "", "pages": 0, "problem": "locked"}
    except (Unreadable, KeyError, BadZipFile, expat.ExpatError, OSError, ValueError):
        return {"text": "", "pages": pages, "problem": "broken"}


def _gathered(texts: Texts, chars: int) -> str:
    """Joined and cleaned: no signs that a page or a database would choke on."""
    parts, length = [], 0
    for text in texts:
        parts.append(text)
        length += len(text)
        if length >= chars:
            break
    whole = unicodedata.normalize("NFC", "".join(parts)[:chars])
    whole = "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else " " for c in whole)
    lines = (NOISE.sub(" ", line).strip() for line in whole.splitlines())
    return "\n".join(line for line in lines if line)


# --- PDF ---------------------------------------------------------------------------------------
def _opened(path: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise (Locked() if "password" in str(error).lower() else Unreadable()) from error


def _count_pages(path: str) -> int:
    with _opened(path) as document:
        return len(document)


def _pdf(path: str) -> Texts:
    with _opened(path) as document:
        for number in range(min(len(document), MOST_PAGES)):
            try:
                page = document[number]
                yield page.get_textpage().get_text_range() + "\n"
            except pypdfium2.PdfiumError:
                continue


def draw(path: str, number: int, width: int) -> bytes:
    """A page as JPEG on white."""
    if number < 1:
        raise Unreadable
    with _opened(path) as document:
        page = document[number - 1]
        scale = min(width / max(page.get_width(), 1), 4)
        # A page of a plan may be metres high.
        scale = min(scale, 3 * width / max(page.get_height(), 1))
        picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=80, optimize=True)
        return out.getvalue()


# --- Office ------------------------------------------------------------------------------------
def _parts(path: str, pattern: str) -> Iterator[tuple[str, Any]]:
    """Parts of the archive by name, in the order of their numbers, each opened for reading."""
    with open(path, "rb") as file:
        if file.read(4) == OLE_MARK:
            raise Locked
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(pattern, name)]
        for name in sorted(names, key=_by_number):
            if archive.getinfo(name).flag_bits & 0x1:
                raise Locked
            with archive.open(name) as part:
                yield name, part


def _by_number(name: str) -> tuple[int, str]:
    found = re.search(r"(\d+)\.xml$", name)
    return (int(found[1]) if found else 0, name)


class Words:
    """Text of an XML part: what stands in `text` elements, a line end after each `lines` one."""

    # What its writers took out again, and what they said to each other about it.
    HIDDEN = frozenset({"tracked-changes", "annotation", "moveFrom"})

    def __init__(self, text: frozenset[str], lines: frozenset[str]) -> None:
        self.text, self.lines = text, lines
        self.depth, self.hidden, self.found = 0, 0, [""]
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._signs
        # No entities of their own: neither bombs nor files of ours.
        self.parser.EntityDeclHandler = self._refuse
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def read(self, part: Any) -> Texts:  # noqa: ANN401
        size = 0
        while piece := part.read(PIECE):
            size += len(piece)
            if size > MOST_PART:
                raise Unreadable
            self.parser.Parse(piece, False)
            yield self._taken()
        self.parser.Parse(b"", True)
        yield self._taken()

    def _taken(self) -> str:
        text, self.found = "".join(self.found), [""]
        return text

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        name = name.rpartition("}")[2]
        if name in self.HIDDEN:
            self.hidden += 1
        elif name in self.text:
            self.depth += 1
        elif name in {"tab", "br", "s", "line-break"}:
            self.found.append(" ")

    def _end(self, name: str) -> None:
        name = name.rpartition("}")[2]
        if name in self.HIDDEN:
            self.hidden -= 1
        elif name in self.text:
            self.depth -= 1
        if name in self.lines and not self.hidden:
            self.found.append("\n")

    def _signs(self, signs: str) -> None:
        if self.depth and not self.hidden:
            self.found.append(signs)

    def _refuse(self, *_declared: Any) -> None:  # noqa: ANN401
        raise Unreadable


def _office(pattern: str, text: str, lines: str) -> Callable[[str], Texts]:
    texts, ends = frozenset(text.split()), frozenset(lines.split())

    def reader(path: str) -> Texts:
        number = 0
        for _name, part in _parts(path, pattern):
            number += 1
            yield from Words(texts, ends).read(part)
            yield "\n"
        if not number:
            raise Unreadable

    return reader


# --- Text --------------------------------------------------------------------------------------
def _decoded(path: str) -> str:
    with open(path, "rb") as file:
        data = file.read(MOST_PLAIN)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Cut by us in the middle of a sign.
        if len(data) == MOST_PLAIN and error.start >= len(data) - 4:
            return data[: error.start].decode("utf-8-sig")
    return data.decode("cp1252", "replace")


class _Page(HTMLParser):
    HIDDEN = frozenset({"script", "style", "template", "noscript", "svg", "title"})
    BLOCKS = frozenset(
        {"p", "div", "br", "li", "tr", "td", "table", "ul", "ol", "section", "article"}
    )
    HEADINGS = frozenset(f"h{level}" for level in range(1, 7))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.hidden, self.found = 0, [""]

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ANN401
        # Whatever stayed open above it.
        self.hidden = 0 if tag == "body" else self.hidden + (tag in self.HIDDEN)
        if tag in self.BLOCKS or tag in self.HEADINGS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.HIDDEN and self.hidden:
            self.hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data)


def _html(path: str) -> Texts:
    page = _Page()
    page.feed(_decoded(path))
    page.close()
    yield "".join(page.found)


READERS: dict[str, Callable[[str], Texts]] = {
    "pdf": _pdf,
    "docx": _office(r"word/(document|footnotes|endnotes|header\d*|footer\d*)\.xml", "t", "p tr"),
    "pptx": _office(r"ppt/(slides|notesSlides)/[a-zA-Z]+\d+\.xml", "t", "p"),
    "xlsx": _office(r"xl/(sharedStrings|worksheets/sheet\d+)\.xml", "t", "si row is c"),
    "odt": _office(r"content\.xml", "p h", "p h"),
    "html": _html,
    "txt": lambda path: iter([_decoded(path)]),
}
