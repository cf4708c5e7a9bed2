"""French is complete and compiled: a half-translated page is worse than an English one."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from members.models import Community

LOCALE = Path(__file__).parents[2] / "locale" / "fr" / "LC_MESSAGES"


def entries() -> list[tuple[str, str]]:
    """msgid and msgstr of each entry without plural, joined from their lines."""
    found = []
    for block in (LOCALE / "django.po").read_text(encoding="utf-8").split("\n\n")[1:]:
        if "#~" in block or "msgid_plural" in block:
            continue
        parts = re.search(r"^msgid (.*?)^msgstr (.*)", block, re.S | re.M)
        texts = ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', part)) for part in parts.groups()]
        found.append((texts[0], texts[1]))
    return found


def test_every_string_is_translated() -> None:
    missing = [msgid for msgid, msgstr in entries() if not msgstr]
    assert missing == []


def test_placeholders_are_the_same() -> None:
    marks = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
    wrong = [
        msgid
        for msgid, msgstr in entries()
        if sorted(marks.findall(msgid)) != sorted(marks.findall(msgstr))
    ]
    assert wrong == []


def test_nothing_is_fuzzy() -> None:
    assert "fuzzy" not in (LOCALE / "django.po").read_text(encoding="utf-8")


def test_compiled_file_is_the_one_of_the_text() -> None:
    with translation.override("fr"):
        stale = [
            msgid
            for msgid, msgstr in entries()
            if "\\" not in msgid
            and "msgctxt" not in msgid
            and msgid
            and translation.gettext(msgid) != msgstr
        ]
    assert stale == []


@pytest.mark.django_db
def test_a_visitor_reads_french(community: Community) -> None:
    page = Client(HTTP_ACCEPT_LANGUAGE="fr-CA").get("/every-door/")
    html = page.content.decode()
    assert '<html lang="fr"' in html
    assert "Rencontres" in html
    assert "Bibliothèque" in html
    assert page.headers["Content-Language"] == "fr"


def test_two_months_are_never_said_the_ambiguous_way() -> None:
    text = (LOCALE / "django.po").read_text(encoding="utf-8").lower()
    assert "bimensuel" not in text
    assert "bimestriel" not in text
