"""Welcome: organizations that came in, by name, where they said yes to that. Never a person."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from cop.core.time import say_date
from members.models import Community, Organization
from members.queries.naming import joined_since, may_be_named
from newsletter.models import IssueItem
from newsletter.sources.base import Candidate, Gathered, News, Source, Span, first

NAME = "organization"
Kind, Edition = IssueItem.Kind, IssueItem.Edition
MOST = 12


def candidates(span: Span) -> Gathered:
    rows = joined_since(span.community, span.since).exclude(
        public_id__in=[key.partition("@")[0] for key in span.told_of(Kind.MEMBER_WELCOME)]
    )
    found, more = first(rows.order_by("name", "pk"), MOST)
    return Gathered([_candidate(span, one) for one in found], more)


def _candidate(span: Span, organization: Organization) -> Candidate:
    day = say_date(span.since, span.community.timezone)
    title = organization.name[:160]
    return Candidate(
        kind=Kind.MEMBER_WELCOME,
        # Named in one community is not named in another.
        source=f"{NAME}:{organization.public_id}@{span.community.public_id}",
        path="",
        edition=Edition.PUBLIC,
        why=_("Came in since %(day)s, and may be named") % {"day": day},
        title=title,
        title_fr=title,
        text=organization.city,
        text_fr=organization.city,
    )


def look_up(public_ids: Collection[str]) -> dict[str, Source]:
    """Whoever took the yes back is out, also of what has left."""
    pairs = [key.partition("@") for key in public_ids]
    found: dict[str, Source] = {}
    for scope in {place for _id, _at, place in pairs}:
        keys = [public_id for public_id, _at, place in pairs if place == scope]
        community = Community.objects.filter(public_id=scope).first()
        if community is None:
            continue
        named = may_be_named(community).filter(public_id__in=keys)
        for public_id in named.values_list("public_id", flat=True):
            found[f"{public_id}@{scope}"] = Source(Edition.PUBLIC)
    return found


def news(community: Community, since: datetime, cut: datetime) -> Iterator[News]:
    """Once in two months is often enough to be welcomed."""
    yield from ()
