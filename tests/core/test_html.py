import re

import pytest

from cop.core.html import markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<a href='vbscript:x'>y</a>",
    "![x](http://tracker.example/pixel.png)",
    "<style>body{display:none}</style>",
    "<iframe src=//evil.example></iframe>",
    '[x](http://a.example/" onmouseover="alert(1))',
    "<svg/onload=alert(1)>",
    "<meta http-equiv=refresh content=0>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_is_harmless(text: str) -> None:
    html = str(markdown(text)).lower()
    assert not re.search(r"<(script|img|style|iframe|svg|meta)", html)
    assert not re.search(r'href="(javascript|data|vbscript)', html)
    assert not re.search(r"<[^>]* on\w+=", html)


def test_markdown_keeps_what_people_write() -> None:
    html = markdown("**Night shift**: see [the card](https://a.example/x) · x̱ ʔa é")
    assert "<strong>Night shift</strong>" in html
    assert 'rel="noopener noreferrer"' in html
    assert "x̱ ʔa é" in html
