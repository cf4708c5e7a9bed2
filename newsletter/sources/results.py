"""The results of votes: news of their own, also where the vote was told while it was open."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from cop.core.time import say_date
from meetings.models import Ballot
from members.models import Community
from newsletter.models import IssueItem
from newsletter.sources.base import Candidate, Gathered, News, Source, Span, first, in_language

NAME = "result"
Kind, Edition = IssueItem.Kind, IssueItem.Edition
MOST = 4


def candidates(span: Span) -> Gathered:
    rows = Ballot.objects.filter(
        community=span.community,
        state=Ballot.State.PUBLISHED,
        published_at__gte=span.since,
        published_at__lte=span.now,
    )
    rows = rows.exclude(public_id__in=span.told_of(Kind.BALLOT, NAME))
    found, more = first(rows.order_by("published_at", "pk"), MOST)
    return Gathered([_candidate(span, one) for one in found], more)


def _candidate(span: Span, ballot: Ballot) -> Candidate:
    ballot.community = span.community
    day = say_date(ballot.published_at, span.community.timezone)
    return Candidate(
        kind=Kind.BALLOT,
        source=f"{NAME}:{ballot.public_id}",
        path=ballot.get_absolute_url(),
        edition=Edition.MEMBERS_AND_ALLIES,
        why=_("The result came out on %(day)s") % {"day": day},
        **in_language(ballot.language, ballot.title),
    )


def look_up(public_ids: Collection[str]) -> dict[str, Source]:
    rows = Ballot.objects.filter(public_id__in=public_ids, state=Ballot.State.PUBLISHED)
    keys = rows.values_list("public_id", flat=True)
    return {key: Source(Edition.MEMBERS_AND_ALLIES) for key in keys}


def news(community: Community, since: datetime, cut: datetime) -> Iterator[News]:
    """The digest hears of votes, open and over, from one place (ballots)."""
    yield from ()
