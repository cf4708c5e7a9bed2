"""What we did not make ourselves: licensed, noted, and light."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"


@pytest.mark.parametrize("folder", sorted(path for path in VENDOR.iterdir() if path.is_dir()))
def test_vendored_files_have_a_licence_and_a_note(folder: Path) -> None:
    licences = [path for path in folder.glob("*.txt") if path.stat().st_size > 400]
    assert licences, folder.name
    notes = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    for licence in licences:
        assert licence.relative_to(ROOT).as_posix() in notes


def test_no_source_map_is_named() -> None:
    """A manifest of static files fails on a map that is not there."""
    for path in [*STATIC.rglob("*.js"), *STATIC.rglob("*.css")]:
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path.name


def test_every_file_that_the_styles_name_exists() -> None:
    for path in (STATIC / "css").glob("*.css"):
        for url in re.findall(r'url\("([^"]+)"\)', path.read_text(encoding="utf-8")):
            assert (path.parent / url).resolve().is_file(), url


def test_first_visit_stays_light() -> None:
    """Styles, scripts and the two Latin fonts, uncompressed: a patchy line must carry them."""
    css = [path for path in (STATIC / "css").glob("*.css") if path.name in _page_styles()]
    fonts = list((VENDOR / "bc-sans" / "fonts").glob("*-latin.woff2"))
    scripts = [*VENDOR.glob("htmx/*.js"), STATIC / "js" / "site.js"]
    total = sum(path.stat().st_size for path in [*css, *fonts, *scripts])
    assert len(fonts) == 2
    assert total < 160_000


def _page_styles() -> set[str]:
    styles = (ROOT / "templates" / "components" / "styles.html").read_text(encoding="utf-8")
    return set(re.findall(r"css/([a-z]+\.css)", styles))
