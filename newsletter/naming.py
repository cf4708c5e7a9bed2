"""People of the community whose name stands in an issue, and what they said to that (CO1)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from django.db.models import Q

from cop.core.text import fold_words
from members.models import Community, User
from newsletter.models import IssueItem, NamedPerson, NewsletterIssue

Answer = NamedPerson.Answer


class Passage(NamedTuple):
    """Words in which somebody is named. `item`: its key; None: the opening words."""

    item: int | None
    title: str
    text: str


@dataclass
class Named:
    """One person, and all passages that name them, in both languages."""

    person: int
    name: str
    passages: list[Passage] = field(default_factory=list)
    is_spotlight: bool = False

    @property
    def words(self) -> str:
        """A digest of the passages: a yes belongs to just these words."""
        parts = "\x00".join(f"{one.title}\x01{one.text}" for one in self.passages)
        return sha256(parts.encode()).hexdigest()


def passages_of(issue: NewsletterIssue, items: Iterable[IssueItem]) -> list[Passage]:
    """Everything people wrote that leaves, one for each place and language."""
    found = [
        Passage(None, subject, intro)
        for subject, intro in (
            (issue.subject, issue.intro),
            (issue.subject_fr, issue.intro_fr),
        )
    ]
    for item in items:
        found.append(Passage(item.pk, item.title, item.text))
        found.append(Passage(item.pk, item.title_fr, item.text_fr))
    return [one for one in found if one.title or one.text]


def named_in(issue: NewsletterIssue) -> list[Named]:
    """Whoever is named in what is in: found by their full name, or as the one of a spotlight."""
    items = list(issue.items.filter(is_included=True).order_by("position", "pk"))
    passages = passages_of(issue, items)
    found: dict[int, Named] = {}
    names = _names(issue.community)
    for passage in passages:
        for person in _people_in(f"{passage.title}\n{passage.text}", names):
            named = found.setdefault(person, Named(person, names.known[person]))
            named.passages.append(passage)
    _add_spotlights(found, items, passages)
    return sorted(found.values(), key=lambda one: one.name)


def _add_spotlights(
    found: dict[int, Named], items: list[IssueItem], passages: list[Passage]
) -> None:
    of_item = {item.pk: item.person_id for item in items if item.person_id}
    people = User.objects.in_bulk(set(of_item.values()))
    for passage in passages:
        person = people.get(of_item.get(passage.item or 0) or 0)
        if person is None:
            continue
        named = found.setdefault(person.pk, Named(person.pk, str(person)))
        named.is_spotlight = True
        if passage not in named.passages:
            named.passages.append(passage)


class _Names(NamedTuple):
    known: dict[int, str]
    by_words: dict[tuple[str, ...], list[int]]
    lengths: frozenset[int]


def _names(community: Community) -> _Names:
    """All who belong or work here now or did: their full names, folded. One query."""
    people = User.objects.filter(
        Q(pk__in=community.memberships.values("person"))
        | Q(pk__in=community.role_grants.values("person")),
        is_active=True,
    )
    known: dict[int, str] = {}
    by_words: dict[tuple[str, ...], list[int]] = {}
    for pk, name in people.values_list("pk", "display_name").iterator(chunk_size=5000):
        words = tuple(_words(name))
        # One word alone is too often a word: Rose, Grace, Hope.
        if len(words) > 1:
            known[pk] = name
            by_words.setdefault(words, []).append(pk)
    return _Names(known, by_words, frozenset(map(len, by_words)))


def _words(text: str) -> list[str]:
    return [fold for word in re.findall(r"[^\W_]+", text) for fold in fold_words(word)[:1]]


def _people_in(text: str, names: _Names) -> list[int]:
    words = _words(text)
    found: dict[int, None] = {}
    for length in names.lengths:
        for start in range(len(words) - length + 1):
            for pk in names.by_words.get(tuple(words[start : start + length]), ()):
                found[pk] = None
    return list(found)


def answers_of(issue: NewsletterIssue) -> dict[int, NamedPerson]:
    return {row.person_id: row for row in issue.named_people.select_related("person")}
