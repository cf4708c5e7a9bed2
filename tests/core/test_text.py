"""Titles in the subject of a mail."""

import re
import unicodedata

import pytest
from django.conf import settings

from cop.core.text import cut_at_word


def test_cut_at_word_leaves_short_titles_alone():
    assert cut_at_word("Night staff:  what helps", 60) == "Night staff: what helps"
    assert cut_at_word("x" * 60, 60) == "x" * 60


def test_cut_at_word_ends_between_two_words():
    title = "Peer Input: after a death in the house, the first month for staff and for everybody"
    assert cut_at_word(title, 60) == "Peer Input: after a death in the house, the first month for…"
    assert cut_at_word("One, two, three", 8) == "One…"


@pytest.mark.parametrize("word", ["Donaudampfschifffahrt" * 6, "ʔayʔaǰuθəm" * 12])
def test_cut_at_word_cuts_a_single_long_word(word):
    assert len(cut_at_word(word, 60)) <= 61


def test_cut_at_word_never_parts_a_letter_from_its_accent():
    word = unicodedata.normalize("NFD", "x̱é" * 40)
    for length in range(10, 30):
        cut = cut_at_word(word, length).removesuffix("…")
        assert not unicodedata.combining(word[len(cut)])


def test_cut_at_word_cuts_no_emoji_in_two():
    """A skin tone, a family of three, a heart with its colour: each is one sign to the eye."""
    for sign in ("👋🏽", "👨\u200d👩\u200d👧", "❤\ufe0f"):
        for length in range(6, 20):
            kept = cut_at_word(sign * 20, length).removesuffix("…")
            assert kept == sign * (len(kept) // len(sign))


def test_cut_at_word_leaves_something_of_a_word_that_is_all_accents():
    assert cut_at_word("x" + "\u0331" * 90, 60) == "x…"


def test_subjects_name_titles_in_short():
    """Every subject that holds a title has it cut; the editor of an issue writes a whole one."""
    subjects = list((settings.BASE_DIR / "templates").rglob("*.subject.txt"))
    titled = [path for path in subjects if "title=" in path.read_text(encoding="utf-8")]
    assert len(titled) > 8
    for path in titled:
        for value in re.findall(r"title=(\S+)", path.read_text(encoding="utf-8")):
            assert value.endswith("|shortened"), path.name
