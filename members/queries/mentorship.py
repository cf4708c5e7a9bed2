"""Who could be a mentor for whom: by topic, language and region, never of one house (ME1)."""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from cop.core.text import fold_words
from members.models import (
    Affiliation,
    Community,
    Membership,
    MentorshipMatch,
    MentorshipOffer,
    MentorshipRequest,
    User,
)

MOST_SUGGESTIONS = 5
# Words that stand in nearly every wish and say nothing about it.
SHORTEST_WORD = 4


@dataclass(frozen=True)
class Suggestion:
    offer: MentorshipOffer
    topics: list[str]
    languages: list[str]
    same_region: bool

    @property
    def weight(self) -> tuple[int, int, bool]:
        return len(self.topics), len(self.languages), self.same_region


def open_offers(community: Community) -> QuerySet[MentorshipOffer]:
    """Offers of members of today with room for one more."""
    belongs = Membership.objects.filter(
        community=community,
        person=OuterRef("person"),
        category=Membership.Category.MEMBER,
        state__in=Membership.CURRENT_STATES,
    )
    current = Q(matches__state__in=MentorshipMatch.CURRENT_STATES)
    rows = MentorshipOffer.objects.filter(
        Exists(belongs), community=community, is_open=True, person__is_active=True
    )
    return rows.annotate(busy=Count("matches", filter=current)).filter(busy__lt=F("max_matches"))


def shares_house(one: User, other: User) -> bool:
    """Do two people have an organization in common today, or does one fund the other (ME1)?"""
    ties = Affiliation.objects.exclude(state=Affiliation.State.ENDED)
    mine = ties.filter(person=one).values("organization")
    theirs = ties.filter(person=other)
    walled = Q(organization__is_regulator_or_funder=True)
    return (
        theirs.filter(Q(organization__in=mine) | walled).exists()
        or ties.filter(walled, person=one).exists()
    )


def suggest_mentors(wish: MentorshipRequest) -> list[Suggestion]:
    """At most five, the nearest first. A language in common is a must, a topic or region too."""
    ties = Affiliation.objects.exclude(state=Affiliation.State.ENDED)
    mine = ties.filter(person=wish.person).values("organization")
    tried = MentorshipMatch.objects.filter(mentee=wish.person).values("mentor")
    rows = open_offers(wish.community).exclude(person=wish.person).exclude(person__in=tried)
    near = ties.filter(person=OuterRef("person")).filter(
        Q(organization__in=mine) | Q(organization__is_regulator_or_funder=True)
    )
    rows = rows.filter(~Exists(near)).select_related("person")
    found = [_compare(offer, wish) for offer in rows.order_by("offered_at", "pk")[:500]]
    fitting = [one for one in found if one.languages and (one.topics or one.same_region)]
    return sorted(fitting, key=lambda one: one.weight, reverse=True)[:MOST_SUGGESTIONS]


def _compare(offer: MentorshipOffer, wish: MentorshipRequest) -> Suggestion:
    offered, wished = fold_words(offer.topics), fold_words(wish.topics)
    spoken = {fold_words(one)[0]: one for one in offer.languages if fold_words(one)}
    asked = {word for one in wish.languages for word in fold_words(one)[:1]}
    return Suggestion(
        offer,
        topics=[word for word in wished if len(word) >= SHORTEST_WORD and word in offered],
        languages=[name for word, name in spoken.items() if word in asked],
        same_region=bool(wish.region) and wish.region == offer.region,
    )
