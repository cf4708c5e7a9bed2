"""The colours are measured, not judged: WCAG 2.2 AA, in both themes."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
TOKEN = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});")

WASHES = ["red", "amber", "green", "tide"]
TEXT = [
    *[("ink", ground) for ground in ("paper", "raised", "sand", "cedar-wash", "ember-wash")],
    *[("ink", f"{name}-wash") for name in WASHES],
    *[("ink-soft", ground) for ground in ("paper", "raised", "sand", "cedar-wash")],
    *[(name, f"{name}-wash") for name in WASHES],
    *[(name, ground) for name in ("tide", "cedar", "red") for ground in ("paper", "raised")],
    ("ember", "paper"),
    ("ember", "raised"),
    ("cedar", "cedar-wash"),
    ("tide", "sand"),
    ("on-cedar", "cedar"),
    ("on-cedar", "cedar-hover"),
]
# Borders of controls, the focus ring, icons that carry a state.
SHAPES = [
    *[("edge", ground) for ground in ("paper", "raised")],
    *[("tide", ground) for ground in ("paper", "raised", "sand", "cedar-wash")],
    ("cedar", "paper"),
    ("red", "raised"),
    ("draw-3", "paper"),
]


def _blocks() -> dict[str, dict[str, str]]:
    css = (CSS / "tokens.css").read_text(encoding="utf-8")
    found = re.findall(r"([^{}]+)\{([^{}]*--paper:[^{}]*)\}", css)
    names = ["light", "dark by system", "dark by choice"]
    assert len(found) == len(names)
    return {name: dict(TOKEN.findall(body)) for name, (_, body) in zip(names, found, strict=True)}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_knows_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark by system"])
@pytest.mark.parametrize(("front", "ground"), TEXT)
def test_text_can_be_read(theme: str, front: str, ground: str) -> None:
    tokens = _blocks()[theme]
    assert contrast(tokens[front], tokens[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark by system"])
@pytest.mark.parametrize(("front", "ground"), SHAPES)
def test_shapes_can_be_seen(theme: str, front: str, ground: str) -> None:
    tokens = _blocks()[theme]
    assert contrast(tokens[front], tokens[ground]) >= 3


def test_dark_is_the_same_by_system_and_by_choice() -> None:
    blocks = _blocks()
    assert blocks["dark by system"] == blocks["dark by choice"]
    assert blocks["dark by system"].keys() == blocks["light"].keys()


def test_no_colour_is_chosen_outside_the_tokens() -> None:
    """Mail and paper know no tokens; the ground of a QR code or of a mail stays white."""
    allowed = {"tokens.css", "email.css", "print.css"}
    for path in CSS.glob("*.css"):
        if path.name not in allowed:
            colours = set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])", path.read_text()))
            assert colours <= {"#fff", "#ffffff"}, f"{path.name}: {colours}"
