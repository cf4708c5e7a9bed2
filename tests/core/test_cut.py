"""Titles in the subject of a mail."""

import unicodedata

import pytest

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
