"""What people did with a resource: one's own, the stories of others, what one keeps, the weeks."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Sum, Value, When

from library.models import Favourite, Resource, ResourceUse, ResourceWeek, TopicFollow
from members.models import Community, User

Kind = ResourceUse.Kind
MOST_STORIES = 30
WEEKS = 8
# How long something is new to those who follow its topic.
NEW_FOR = timedelta(days=30)
LOOKED_AT = 2_000
# For a list one does not need the long texts.
LONG = ("body", "transcript", "words")


@dataclass
class Using:
    """Of one resource, for one reader."""

    helped: bool = False
    used: ResourceUse | None = None
    # Of others, without a name; the hidden ones for the librarian alone.
    stories: list[ResourceUse] = field(default_factory=list)


def using_of(resource: Resource, person: User, *, is_keeper: bool) -> Using:
    """One question: one's own and the newest stories of others."""
    stories = ~Q(story="") if is_keeper else ~Q(story="") & Q(is_hidden=False)
    rows = ResourceUse.objects.filter(Q(person=person) | stories, resource=resource)
    own_first = Case(When(person=person, then=Value(0)), default=Value(1))
    using = Using()
    for use in rows.order_by(own_first, "-said_on", "-pk")[: MOST_STORIES + 2]:
        if use.person_id != person.pk:
            using.stories.append(use)
        elif use.kind == Kind.HELPED:
            using.helped = True
        else:
            using.used = use
    return using


def with_kept(rows: QuerySet[Resource], person: User) -> QuerySet[Resource]:
    """Each row with `is_kept`: does this person keep it?"""
    kept = Favourite.objects.filter(resource=OuterRef("pk"), person=person)
    return rows.annotate(is_kept=Exists(kept))


def kept_by(person: User, community: Community) -> QuerySet[Resource]:
    """What this person keeps and may still see, the last kept first."""
    rows = Resource.objects.readable_by(person).filter(
        community=community, favourites__person=person
    )
    return rows.defer(*LONG).order_by("-favourites__kept_at", "-pk")


def new_in_topics(person: User, community: Community, now: datetime) -> QuerySet[Resource]:
    """The newest of the last weeks under the topics this person follows."""
    followed = TopicFollow.objects.filter(person=person, community=community).values("topic")
    rows = (
        Resource.objects.visible_to(person)
        .published()
        .filter(
            community=community,
            published_at__gt=now - NEW_FOR,
            topics__overlap=ArraySubquery(followed),
        )
    )
    rows = rows.exclude(submitted_by=person)
    return rows.defer(*LONG).order_by("-published_at", "-pk")


def topics_of(person: User, community: Community) -> list[str]:
    followed = TopicFollow.objects.filter(person=person, community=community)
    return list(followed.order_by("topic").values_list("topic", flat=True))


def topics_here(person: User, community: Community, most: int = 40) -> list[str]:
    """The topics of the newest that this person may see, those with most in them."""
    rows = Resource.objects.visible_to(person).published().filter(community=community)
    counts: dict[str, int] = {}
    for topics in rows.order_by("-published_at").values_list("topics", flat=True)[:LOOKED_AT]:
        for topic in topics:
            counts[topic] = counts.get(topic, 0) + 1
    return sorted(sorted(counts, key=lambda one: (-counts[one], one))[:most])


class Weeks(NamedTuple):
    opened: int
    taken: int


def first_monday(community: Community, now: datetime) -> date:
    today = now.astimezone(ZoneInfo(community.timezone)).date()
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def weeks_of(resource: Resource, now: datetime) -> Weeks:
    """Of the last eight weeks, this one included."""
    rows = ResourceWeek.objects.filter(
        resource=resource, monday__gte=first_monday(resource.community, now)
    )
    sums = rows.aggregate(opened=Sum("opened"), taken=Sum("taken"))
    return Weeks(sums["opened"] or 0, sums["taken"] or 0)


def with_weeks(rows: QuerySet[Resource], community: Community, now: datetime) -> QuerySet[Resource]:
    """Each row with `weeks_opened` and `weeks_taken`, in the same question."""
    recent = Q(weeks__monday__gte=first_monday(community, now))
    return rows.annotate(
        weeks_opened=Sum("weeks__opened", filter=recent, default=0),
        weeks_taken=Sum("weeks__taken", filter=recent, default=0),
    )
