"""What mail clients take (Outlook, Gmail, Apple Mail), as a reader of HTML that complains."""

import re
from html.parser import HTMLParser
from typing import Any

TAGS = {
    "html", "head", "title", "meta", "style", "body", "div", "table", "tbody", "tr", "td", "p",
    "h1", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "em", "code", "blockquote", "hr",
    "br", "img", "span",
}  # fmt: skip
VOID = {"meta", "br", "hr", "img"}
# What some of them drop or turn into a mess.
BAD_STYLE = re.compile(
    r"position\s*:|float\s*:|display\s*:\s*(?:flex|grid)|url\(|@import|expression|var\(|calc\("
)
ADDRESS = re.compile(r"^(?:https?://|mailto:|tel:|%%[A-Z_]+%%$)")
WORDS = re.compile(r"\w", re.UNICODE)


class Limits(HTMLParser):
    """`complaints`: each place that a mail client would not show as meant."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.complaints: list[str] = []
        self.open: list[tuple[str, dict[str, Any]]] = []
        self.words: list[str] = []
        self.feed(html)
        if [tag for tag, _attrs in self.open]:
            self.complaints.append(f"not closed: {self.open}")
        size = len(html.encode())
        if size >= 100_000:
            self.complaints.append(f"{size} bytes")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in TAGS:
            self.complaints.append(f"<{tag}>")
        if any(name.startswith("on") for name in values):
            self.complaints.append(f"<{tag}> with an event")
        if BAD_STYLE.search(values.get("style", "")):
            self.complaints.append(f"<{tag} style={values['style']}>")
        self._check(tag, values)
        if tag not in VOID:
            self.open.append((tag, values))

    def _check(self, tag: str, values: dict[str, str]) -> None:
        if tag == "table" and values.get("role") != "presentation":
            self.complaints.append("a table that screen readers count")
        width = re.sub(r"px$", "", values.get("width", ""))
        if width.isdecimal() and int(width) > 600:
            self.complaints.append(f"<{tag}> {width} wide")
        if tag == "img" and not ("alt" in values and width.isdecimal()):
            self.complaints.append("a picture without words or width")
        if tag == "img" and not values.get("src", "").startswith(("http://", "https://")):
            self.complaints.append(f"picture from {values.get('src')}")
        if tag == "a" and not ADDRESS.match(values.get("href", "")):
            self.complaints.append(f"link to {values.get('href')}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            self.complaints.append(f"</{tag}> closes {self.open[-1:] or 'nothing'}")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _attrs in self.open]
        if not WORDS.search(data) or "style" in tags or "title" in tags:
            return
        self.words.append(data.strip())
        styles = " ".join(attrs.get("style", "") for _tag, attrs in self.open)
        if "display:none" in styles.replace(" ", ""):
            return
        for wanted in ("color:", "font-size:", "font-family:"):
            if wanted not in styles:
                self.complaints.append(f"“{data.strip()[:30]}” without {wanted}")

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())
