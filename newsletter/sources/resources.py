"""What is new in the library. A text and its translation are one piece of news."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from cop.core.time import say_date
from library.models import Resource
from members.models import Community
from newsletter.models import IssueItem
from newsletter.sources.base import (
    Candidate,
    Gathered,
    Line,
    News,
    Source,
    Span,
    first,
    opening_words,
)

NAME = "resource"
Kind = IssueItem.Kind
MOST = 20
WANTED = (
    "public_id", "title", "summary", "visibility", "published_at", "language", "community",
    "translation_of",
)  # fmt: skip


def candidates(span: Span) -> Gathered:
    rows = Resource.objects.published().filter(
        community=span.community, published_at__gte=span.since, published_at__lte=span.now
    )
    rows = rows.exclude(public_id__in=span.told_of(Kind.NEW_RESOURCE, NAME))
    # The latest where there is no room for all, in the order in which they came out.
    newest, more = first(rows.only(*WANTED).order_by("-published_at", "-pk"), MOST)
    found = sorted(newest, key=lambda one: (one.published_at, one.pk))
    return Gathered([_candidate(span, pair) for pair in _families(found)], more)


def _families(rows: list[Resource]) -> list[list[Resource]]:
    """What is a translation of another one here stands with it; the original first."""
    families: dict[int, list[Resource]] = {}
    for row in rows:
        families.setdefault(row.translation_of_id or row.pk, []).append(row)
    return [sorted(one, key=lambda row: row.translation_of_id is not None) for one in (
        families.values()
    )]  # fmt: skip


def _candidate(span: Span, family: list[Resource]) -> Candidate:
    head = family[0]
    head.community = span.community
    words: dict[str, str] = {}
    for row in family:
        # Never words of a text that fewer people may see.
        if row.visibility == head.visibility:
            suffix = "_fr" if row.language == "fr" else ""
            words.setdefault(f"title{suffix}", row.title)
            words.setdefault(f"text{suffix}", opening_words(row.summary))
    day = say_date(head.published_at, span.community.timezone)
    return Candidate(
        kind=Kind.NEW_RESOURCE,
        source=f"{NAME}:{head.public_id}",
        path=head.get_absolute_url(),
        edition=head.visibility,
        why=_("Published in the library on %(day)s") % {"day": day},
        **words,
    )


def look_up(public_ids: Collection[str]) -> dict[str, Source]:
    rows = Resource.objects.published().filter(public_id__in=public_ids)
    return {key: Source(visibility) for key, visibility in rows.values_list(
        "public_id", "visibility"
    )}  # fmt: skip


def news(community: Community, since: datetime, cut: datetime) -> Iterator[News]:
    rows = Resource.objects.published().filter(
        community=community, published_at__gte=since, published_at__lt=cut
    )
    wanted = ("public_id", "title", "visibility", "published_at", "community")
    for resource in rows.only(*wanted).order_by("-published_at", "-pk"):
        resource.community = community
        line = Line("resource", resource.title, resource.get_absolute_url())
        yield News(line, resource.published_at, resource.visibility)
