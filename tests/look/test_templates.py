"""What holds for every template: a strict Content-Security-Policy, icons that exist."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
# Mail programs read styles only where they stand.
MAILS = [name for name in PAGES if "email/" in name]

INLINE = {
    "style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.I),
    "style element": re.compile(r"<style\b", re.I),
    "on… attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I),
    "hx-on": re.compile(r"\bhx-on", re.I),
    "javascript: link": re.compile(r"javascript:", re.I),
    "|safe": re.compile(r"\|\s*safe\b"),
}
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.I | re.S)
ICON = re.compile(r"""{%\s*icon\s+["']([a-z0-9-]+)["']""")
DRAWING = re.compile(r"""{%\s*drawing\s+["']([a-z0-9-]+)["']""")
ICON_ARGUMENT = re.compile(r"""\bicon=["']([a-z0-9-]+)["']""")


def read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in PAGES if name not in MAILS])
def test_page_has_nothing_inline(name: str) -> None:
    text = read(name)
    found = [what for what, pattern in INLINE.items() if pattern.search(text)]
    for attributes, body in SCRIPT.findall(text):
        if body.strip() and "application/json" not in attributes:
            found.append("script element")
    assert not found, f"{name}: {', '.join(found)}"


@pytest.mark.parametrize("name", PAGES)
def test_page_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_comment_ends_on_its_line(name: str) -> None:
    """A {# comment #} over two lines is shown to the reader."""
    text = read(name)
    for start in re.finditer(r"{#", text):
        line = text[start.start() :].split("\n", 1)[0]
        assert "#}" in line, f"{name}: {line}"


@pytest.mark.parametrize("name", PAGES)
def test_icons_and_drawings_exist(name: str) -> None:
    text = read(name)
    parts = TEMPLATES / "components"
    for icon in ICON.findall(text) + ICON_ARGUMENT.findall(text):
        assert (parts / "icons" / f"{icon}.svg").is_file(), icon
    for drawing in DRAWING.findall(text):
        assert (parts / "drawings" / f"{drawing}.svg").is_file(), drawing


@pytest.mark.parametrize("path", sorted((TEMPLATES / "components").glob("[!_]*.html")))
def test_component_says_what_it_needs(path: Path) -> None:
    first = "\n".join(path.read_text(encoding="utf-8").splitlines()[:3])
    assert "Needs" in first, path.name
