"""Open votes on what to talk about, for all inside (TP1, TP7); for the digest, results too."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from cop.core.time import say_date
from meetings.models import Ballot
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
    in_language,
    opening_words,
)

NAME = "ballot"
Kind, Edition = IssueItem.Kind, IssueItem.Edition
MOST = 4


def candidates(span: Span) -> Gathered:
    """Those that can still be cast when the issue leaves. Results are news of their own."""
    rows = Ballot.objects.filter(
        community=span.community, state=Ballot.State.OPEN, closes_at__gt=span.leaves
    )
    rows = rows.exclude(public_id__in=span.told_of(Kind.BALLOT, NAME))
    found, more = first(rows.order_by("closes_at", "pk"), MOST)
    return Gathered([_candidate(span, one) for one in found], more)


def _candidate(span: Span, ballot: Ballot) -> Candidate:
    ballot.community = span.community
    day = say_date(ballot.closes_at, span.community.timezone)
    return Candidate(
        kind=Kind.BALLOT,
        source=f"{NAME}:{ballot.public_id}",
        path=ballot.get_absolute_url(),
        edition=Edition.MEMBERS_AND_ALLIES,
        why=_("The vote closes on %(day)s") % {"day": day},
        **in_language(ballot.language, ballot.title, opening_words(ballot.intro)),
    )


def look_up(public_ids: Collection[str]) -> dict[str, Source]:
    gone = [Ballot.State.DRAFT, Ballot.State.CANCELLED]
    rows = Ballot.objects.filter(public_id__in=public_ids).exclude(state__in=gone)
    keys = rows.values_list("public_id", flat=True)
    return {key: Source(Edition.MEMBERS_AND_ALLIES) for key in keys}


def news(community: Community, since: datetime, cut: datetime) -> Iterator[News]:
    """Votes that have opened and can still be cast, and results."""
    opened = Q(state=Ballot.State.OPEN, opens_at__gte=since, opens_at__lt=cut, closes_at__gt=cut)
    out = Q(state=Ballot.State.PUBLISHED, published_at__gte=since, published_at__lt=cut)
    # "open" comes before "published".
    for ballot in Ballot.objects.filter(opened | out, community=community).order_by("state", "pk"):
        ballot.community = community
        is_open = ballot.state == Ballot.State.OPEN
        kind, at = (
            ("ballot", ballot.opens_at) if is_open else ("ballot_result", ballot.published_at)
        )
        line = Line(kind, ballot.title, ballot.get_absolute_url())
        yield News(line, at, Edition.MEMBERS_AND_ALLIES)
