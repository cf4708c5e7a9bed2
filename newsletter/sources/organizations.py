"""Welcome: organizations that came in, by name, where they said yes to that. Never a person."""

from collections.abc import Collection, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _

from cop.core.time import say_date
from members.models import Affiliation, Community, Membership, Organization
from members.queries.naming import nameable_organizations, nameable_pairs
from newsletter.models import IssueItem
from newsletter.sources.base import Candidate, Gathered, News, Source, Span, first

NAME = "organization"
Kind, Edition = IssueItem.Kind, IssueItem.Edition
MOST = 12


def candidates(span: Span) -> Gathered:
    told = [key.partition("@")[0] for key in span.told_of(Kind.MEMBER_WELCOME, NAME)]
    rows = _new(span).exclude(public_id__in=told)
    found, more = first(rows.order_by("name", "pk"), MOST)
    return Gathered([_candidate(span, one) for one in found], more)


def _new(span: Span) -> QuerySet[Organization]:
    """Those that may be named, whose first member came in since the last issue (wall day of the
    community) and who have one today."""
    day = span.since.astimezone(ZoneInfo(span.community.timezone)).date()
    rows = Membership.objects.filter(
        community=span.community,
        category=Membership.Category.MEMBER,
        person__affiliations__state__in=[Affiliation.State.CONFIRMED, Affiliation.State.ENDED],
    )
    today = Q(
        state__in=Membership.CURRENT_STATES,
        person__affiliations__state=Affiliation.State.CONFIRMED,
    )
    rows = rows.order_by().values("person__affiliations__organization")
    rows = rows.annotate(first=Min("joined_on"), here=Count("pk", filter=today))
    came = rows.filter(first__gte=day, here__gt=0).values("person__affiliations__organization")
    return nameable_organizations(span.community).filter(pk__in=came)


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
    pairs = {
        (scope, public_id): key
        for key in public_ids
        for public_id, _at, scope in [key.partition("@")]
    }
    return {pairs[pair]: Source(Edition.PUBLIC) for pair in nameable_pairs(set(pairs))}


def news(community: Community, since: datetime, cut: datetime) -> Iterator[News]:
    """Once in two months is often enough to be welcomed."""
    yield from ()
