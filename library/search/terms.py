"""What somebody typed, as a question to the index: words, “phrases”, -without, or."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from django.db import connection

from library.search.folding import fold
from library.search.thesaurus import alike

MOST_TERMS, SHORTEST_BEGINNING = 12, 4
_PIECE = re.compile(r'(-?)(?:["“”«»]([^"“”«»]*)["“”«»]?|(\S+))')
_ORS = frozenset({"or", "ou", "|"})
_LEXEME = re.compile(r"'(?:[^']|'')*'")
_MARKED_LEXEME = re.compile(r"('(?:[^']|'')*')(:\*)?")
_STEMS = """
SELECT phraseto_tsquery('cop_en', t)::text, phraseto_tsquery('cop_fr', t)::text
FROM unnest(%s::text[]) WITH ORDINALITY AS given(t, n) ORDER BY n
"""


@dataclass(frozen=True)
class Term:
    """One word or phrase. `group`: a number for each side of an “or”. `english`, `french`: as text
    of a tsquery; empty for what says nothing, as “the”. `also`: the same for words like it."""

    text: str
    is_phrase: bool = False
    is_not: bool = False
    group: int = 0
    english: str = ""
    french: str = ""
    also: str = ""

    @property
    def is_stop(self) -> bool:
        return not (self.english and self.french)

    @property
    def either(self) -> str:
        """Found in whichever language it was meant."""
        sides = dict.fromkeys(side for side in (self.english, self.french) if side)
        return f"({' | '.join(sides)})" if sides else ""

    @property
    def in_title(self) -> str:
        return only_in_title(self.either)

    @property
    def beginning(self) -> str:
        """Words that begin with it: rent, rental. Not of phrases, nor of very short words."""
        word = fold(self.text)
        if len(word) < SHORTEST_BEGINNING or not word.isalnum():
            return self.either
        return f"{self.either} | '{word}':*"

    @property
    def lexemes(self) -> list[str]:
        found = _LEXEME.findall(f"{self.english} {self.french}")
        return list(dict.fromkeys(one[1:-1].replace("''", "'") for one in found))


@dataclass(frozen=True)
class Question:
    """The text of a tsquery: `all_of_it` for what must be found, `said` for what ranks."""

    terms: tuple[Term, ...]
    is_any: bool = False
    is_prefix: bool = False

    @classmethod
    def ask(cls, words: str, *, is_prefix: bool = False) -> Self:
        """One statement. `is_prefix`: the last word may be its beginning only."""
        return cls(_compiled(_pieces(words)), is_prefix=is_prefix)

    @cached_property
    def wanted(self) -> tuple[Term, ...]:
        """What must be there; little words only if there is nothing else."""
        present = [term for term in self.terms if not term.is_not and term.either]
        telling = tuple(term for term in present if not term.is_stop)
        return telling or tuple(present)

    @property
    def unwanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.is_not and not term.is_stop)

    @property
    def is_empty(self) -> bool:
        return not (self.wanted or self.unwanted)

    @cached_property
    def said(self) -> str:
        """Without the unwanted: what the rank is made of."""
        if self.is_any:
            sides = [term.beginning for term in self.wanted]
            return " | ".join([*sides, *(term.also for term in self.wanted if term.also)])
        groups: dict[int, list[str]] = {}
        for term in self.wanted:
            groups.setdefault(term.group, []).append(self._side(term))
        return " | ".join(f"({' & '.join(sides)})" for sides in groups.values())

    @property
    def all_of_it(self) -> str:
        without = [f"!{term.either}" for term in self.unwanted]
        return " & ".join([f"({self.said})", *without] if self.said else without)

    @property
    def in_title(self) -> str:
        return only_in_title(self.said)

    @property
    def has_groups(self) -> bool:
        """Typed with an “or”."""
        return len({term.group for term in self.wanted}) > 1

    def with_likes(self) -> Self:
        """Each word with those of the field that mean nearly the same. One statement."""
        words = {term: alike(term.text) for term in self.wanted if not term.is_phrase}
        asked = compiled_words(sorted({word for likes in words.values() for word in likes}))
        sides = {term.text: term.either for term in asked}
        also = {
            term: " | ".join(sides[word] for word in likes if sides[word])
            for term, likes in words.items()
        }
        terms = tuple(replace(term, also=also.get(term, "")) for term in self.terms)
        return replace(self, terms=terms)

    def _side(self, term: Term) -> str:
        is_last = term is self.wanted[-1] and not term.is_phrase
        if self.is_prefix and is_last and "<" not in term.either:
            return _LEXEME.sub(lambda found: f"{found[0]}:*", term.either)
        return term.either


def only_in_title(query: str) -> str:
    return _MARKED_LEXEME.sub(lambda found: f"{found[1]}{found[2] or ':'}A", query)


def _pieces(words: str) -> list[Term]:
    found: list[Term] = []
    group = 0
    for minus, phrase, word in _PIECE.findall(words):
        if word.lower() in _ORS and not minus:
            group += bool(found)
            continue
        # A word with a hyphen is the words beside each other.
        text = re.sub(r"[-‐‑/_]+", " ", phrase or word).strip()
        if text:
            found.append(Term(text, is_phrase=" " in text, is_not=bool(minus), group=group))
    return found[:MOST_TERMS]


def _compiled(pieces: list[Term]) -> tuple[Term, ...]:
    if not pieces:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_STEMS, [[piece.text for piece in pieces]])
        stems = cursor.fetchall()
    return tuple(
        Term(piece.text, piece.is_phrase, piece.is_not, piece.group, english, french)
        for piece, (english, french) in zip(pieces, stems, strict=True)
    )


def compiled_words(words: list[str]) -> tuple[Term, ...]:
    """Single words, as they stand in the lexicon."""
    return _compiled([Term(word) for word in words])
