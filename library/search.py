"""Finding: full text in both languages with accents folded, then the nearest words of a title."""

import re
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.postgres.search import (
    SearchHeadline,
    SearchQuery,
    SearchRank,
    TrigramWordSimilarity,
)
from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Concat, Greatest
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from library.models import Resource
from members.models.organizations import Fold

CONFIGS = {"search_en": "cop_en", "search_fr": "cop_fr"}
# Ranking reads every hit, so it gets the newest of a very common word only.
CANDIDATES, BEST, PAGE = 2_000, 200, 20
NEAR_ENOUGH, NEAREST = 0.45, 5
# Order of PostgreSQL: D, C (text), B (summary), A (title).
WEIGHTS = [0.1, 0.1, 0.4, 1.0]
# Signs of the private use area: they survive escaping and mean nothing in a text.
START, STOP = "\ue000", "\ue001"


@dataclass(frozen=True)
class Filters:
    """What the address asks for. Anything unknown in it counts as not asked."""

    words: str = ""
    kind: str = ""
    topic: str = ""
    language: str = ""

    @classmethod
    def read(cls, params: Any) -> Self:  # noqa: ANN401  a QueryDict
        kind, language = params.get("kind", ""), params.get("language", "")
        return cls(
            words=_one_line(params.get("q", ""))[:100],
            kind=kind if kind in Resource.Kind.values else "",
            topic=_one_line(params.get("topic", ""))[:60],
            language=language if language in dict(settings.LANGUAGES) else "",
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kind or self.topic or self.language)

    def query(self, **more: str) -> str:
        """The part of the address after the question mark."""
        values = {
            "q": self.words, "kind": self.kind, "topic": self.topic, "language": self.language,
        } | more  # fmt: skip
        return urlencode({name: value for name, value in values.items() if value})

    def without_words(self) -> Self:
        return replace(self, words="")

    def narrow(self, rows: QuerySet[Resource]) -> QuerySet[Resource]:
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.topic:
            rows = rows.filter(topics__contains=[self.topic])
        if self.language:
            rows = rows.filter(language=self.language)
        return rows.filter(matching(self.words)) if self.words else rows


@dataclass(frozen=True)
class Found:
    """One page of the answer. `is_near`: nothing had these words, these come close."""

    rows: list[Resource]
    total: int
    next_id: str = ""
    is_near: bool = False


def find(rows: QuerySet[Resource], filters: Filters, *, after: str = "") -> Found:
    """`rows`: what the reader may see. `after`: the public id of the last row already shown."""
    narrowed = filters.narrow(rows)
    total = narrowed.count()
    if not filters.words:
        return _page(_newest_after(narrowed, after), total)
    if not total:
        near = list(nearest(filters.without_words().narrow(rows), filters.words))
        return Found(rows=near, total=0, is_near=bool(near))
    best = best_first(narrowed, filters.words)
    start = next((at for at, (_pk, public_id) in enumerate(best, 1) if public_id == after), 0)
    wanted = [pk for pk, _public_id in best[start : start + PAGE + 1]]
    page = with_excerpts(Resource.objects.filter(pk__in=wanted), filters.words).in_bulk()
    return _page([page[pk] for pk in wanted if pk in page], total)


def _newest_after(rows: QuerySet[Resource], after: str) -> list[Resource]:
    last = rows.filter(public_id=after).values_list("published_at", "pk").first() if after else None
    if last is not None:
        at, pk = last
        rows = rows.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=pk))
    return list(rows.defer("body").order_by("-published_at", "-pk")[: PAGE + 1])


def _page(rows: list[Resource], total: int) -> Found:
    shown = rows[:PAGE]
    return Found(rows=shown, total=total, next_id=shown[-1].public_id if len(rows) > PAGE else "")


def matching(words: str) -> Q:
    """Websearch: several words, "a phrase", -without, or. Found in either language."""
    found = Q()
    for field, query in _queries(words).items():
        found |= Q(**{field: query})
    return found


def best_first(rows: QuerySet[Resource], words: str) -> list[tuple[int, str]]:
    """Key and public id of the best hits: words in a title count most, then what is newest."""
    newest = rows.order_by("-published_at", "-pk").values("pk")[:CANDIDATES]
    rank = Greatest(
        *(SearchRank(F(field), query, weights=WEIGHTS) for field, query in _queries(words).items())
    )
    ranked = Resource.objects.filter(pk__in=newest).annotate(rank=rank)
    ranked = ranked.order_by("-rank", "-published_at", "-pk")
    return list(ranked.values_list("pk", "public_id")[:BEST])


def nearest(rows: QuerySet[Resource], words: str) -> QuerySet[Resource]:
    """Titles with letters like these, for a slip of the thumb."""
    near = TrigramWordSimilarity(Fold(Value(words)), Fold(F("title")))
    return rows.annotate(near=near).filter(near__gte=NEAR_ENOUGH).order_by("-near", "-pk")[:NEAREST]


def with_excerpts(rows: QuerySet[Resource], words: str) -> QuerySet[Resource]:
    """Add `excerpt`: the place where the words stand. Show it with `marked`."""
    text = Concat(F("summary"), Value(" "), F("body"), output_field=TextField())
    english, french = (
        SearchHeadline(
            text, query, config=config, start_sel=START, stop_sel=STOP,
            max_words=32, min_words=16, max_fragments=0,
        )
        for query, config in zip(_queries(words).values(), CONFIGS.values(), strict=True)
    )  # fmt: skip
    return rows.annotate(excerpt=Case(When(language="fr", then=french), default=english))


def marked(excerpt: str) -> SafeString:
    """The excerpt as HTML: all of it escaped, the found words marked."""
    plain = escape(re.sub(r"[*_#`\[\]]+", "", excerpt))
    html = re.sub(f"{START}([^{START}{STOP}]*){STOP}", r"<mark>\1</mark>", plain)
    return mark_safe(html.replace(START, "").replace(STOP, ""))  # noqa: S308  escaped above


def _queries(words: str) -> dict[str, SearchQuery]:
    return {
        field: SearchQuery(words, config=config, search_type="websearch")
        for field, config in CONFIGS.items()
    }


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
