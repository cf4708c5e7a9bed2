"""Where the news comes from. An issue and the weekly digest are fed by the same sources.

A new one is a module with what `NewsSource` asks for, named in SOURCES: the order of the draft.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from members.models import Community
from newsletter.sources import ballots, meetings, organizations, questions, resources, results
from newsletter.sources.base import Gathered, Line, News, NewsSource, Source, Span

SOURCES: tuple[NewsSource, ...] = (
    meetings, ballots, results, resources, questions, organizations,
)  # fmt: skip
BY_NAME = {one.NAME: one for one in SOURCES}

__all__ = ["SOURCES", "Line", "News", "Source", "Span", "gather", "look_up", "news_of"]


def gather(span: Span) -> Gathered:
    """What could be in an issue, source after source."""
    whole = Gathered()
    for source in SOURCES:
        found = source.candidates(span)
        whole.candidates += found.candidates
        whole.more += found.more
    return whole


def look_up(names: Iterable[str]) -> dict[str, Source]:
    """ "meeting:<public id>" -> how it stands now. One query a kind, however many they are."""
    wanted: dict[str, list[str]] = {}
    for name in names:
        kind, _colon, public_id = name.partition(":")
        wanted.setdefault(kind, []).append(public_id)
    return {
        f"{kind}:{public_id}": source
        for kind, public_ids in wanted.items()
        if kind in BY_NAME
        for public_id, source in BY_NAME[kind].look_up(public_ids).items()
    }


def news_of(community: Community, since: datetime, cut: datetime) -> Iterator[News]:
    """For the weekly digest, in the order of the mail."""
    for source in SOURCES:
        yield from source.news(community, since, cut)
