"""Whom a staff member may ask about: people and addresses of their communities."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet, Value

from cop.core import audit
from cop.core.time import DEFAULT_ZONE
from cop.outgoing.scope import Desk
from meetings.models import Rsvp
from members.models import Community, Membership, MembershipApplication, RoleGrant, User
from members.models.organizations import Fold
from outbox.addresses import address_hash
from outbox.models import Consent, Subscription, Suppression

MOST = 20


@dataclass(frozen=True)
class Subject:
    """Somebody who is asked about: a person, or an address that takes the newsletter."""

    person: User | None
    address: str
    communities: list[Community]

    @property
    def name(self) -> str:
        return str(self.person) if self.person else self.address

    @property
    def zone(self) -> str:
        """Their moments are told on the wall clock of the staff's community."""
        return self.communities[0].timezone if self.communities else DEFAULT_ZONE

    @property
    def scopes(self) -> list[str]:
        return [one.public_id for one in self.communities]

    @cached_property
    def hash(self) -> str:
        return address_hash(self.address)

    @cached_property
    def subscriptions(self) -> dict[tuple[str, str], Subscription]:
        """(community, kind of list) -> the choice as it is now."""
        mine = {"person": self.person} if self.person else {"person": None, "address": self.address}
        rows = Subscription.objects.filter(mailing_list__scope__in=self.scopes, **mine)
        rows = rows.select_related("mailing_list")
        return {(row.mailing_list.scope, row.mailing_list.kind): row for row in rows}

    @cached_property
    def consents(self) -> list[Consent]:
        """All that this address ever said about these lists, the newest first."""
        rows = Consent.objects.filter(
            mailing_list__scope__in=self.scopes, address_hash=self.hash
        ).select_related("mailing_list")
        return list(rows.order_by("-at", "-pk")[:200])

    @cached_property
    def suppressions(self) -> list[Suppression]:
        rows = Suppression.objects.filter(address_hash=self.hash)
        return list(rows.order_by("-at", "-pk")[:50])

    @cached_property
    def memberships(self) -> list[Membership]:
        if self.person is None:
            return []
        rows = self.person.memberships.filter(community__in=self.communities)
        return list(rows.order_by("-joined_on", "-pk")[:50])


@dataclass(frozen=True)
class Found:
    """What the search shows."""

    people: list[User] = field(default_factory=list)
    addresses: list[Subscription] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.people) + len(self.addresses)

    @property
    def is_cut(self) -> bool:
        return max(len(self.people), len(self.addresses)) == MOST


def people_of(desk: Desk) -> QuerySet[User]:
    """Members, applicants, staff, subscribers, and who answered a meeting of these communities."""
    if desk.person.is_superuser:
        return User.objects.all()
    mine = desk.communities
    return User.objects.filter(
        Q(pk__in=Membership.objects.filter(community__in=mine).values("person"))
        | Q(pk__in=MembershipApplication.objects.filter(community__in=mine).values("person"))
        | Q(pk__in=RoleGrant.objects.filter(community__in=mine).values("person"))
        | Q(pk__in=_subscriptions(desk).exclude(person=None).values("person"))
        | Q(pk__in=Rsvp.objects.filter(meeting__community__in=mine).values("person"))
    )


def _subscriptions(desk: Desk) -> QuerySet[Subscription]:
    return Subscription.objects.filter(mailing_list__scope__in=desk.scopes)


def search_people(desk: Desk, words: str) -> Found:
    """By a part of the name, accents aside, or of the address. Three queries."""
    words = words.strip()
    named = Q(folded__contains=Fold(Value(words))) | Q(email__icontains=words)
    people = (
        people_of(desk)
        .alias(folded=Fold(F("display_name")))
        .filter(named)
        .order_by("display_name", "pk")[:MOST]
    )
    bare = _subscriptions(desk).filter(person=None, address__icontains=words)
    return Found(list(people), list(bare.order_by("address", "pk").distinct("address")[:MOST]))


def subject_of(person: User, desk: Desk) -> Subject:
    """The communities that this person and this staff member share."""
    shared: set[Any] = set()
    for model in (Membership, MembershipApplication, RoleGrant):
        shared |= set(model.objects.filter(person=person).values_list("community", flat=True))
    answers = Rsvp.objects.filter(person=person)
    shared |= set(answers.values_list("meeting__community", flat=True).distinct())
    lists = Subscription.objects.filter(person=person)
    scopes = set(lists.values_list("mailing_list__scope", flat=True).distinct())
    here = [one for one in desk.communities if one.pk in shared or one.public_id in scopes]
    return Subject(person, person.email, here)


def subject_at(row: Subscription, desk: Desk) -> Subject:
    same = Subscription.objects.filter(person=None, address=row.address)
    scopes = set(same.values_list("mailing_list__scope", flat=True))
    here = [one for one in desk.communities if one.public_id in scopes]
    return Subject(None, row.address, here)


def record_look(subject: Subject, row: Any, *, by: User) -> None:  # noqa: ANN401
    """Looking at what somebody gets is looking at personal data: it is written down."""
    scopes: Collection[str] = subject.scopes or [""]
    for scope in scopes:
        audit.record("mail_looked_up", row, by=by, scope=scope)


def was_member(subject: Subject, community_id: int, at: datetime) -> Membership | None:
    """The membership of that day, if there was one."""
    day = at.date()
    for row in subject.memberships:
        is_here = row.community_id == community_id and row.joined_on <= day
        if is_here and (row.ended_on is None or row.ended_on >= day):
            return row
    return None
