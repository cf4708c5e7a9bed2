"""Who gets an issue, in which edition, and who does not and why. Asked when it is sent (N3)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from members.models import Affiliation, Community, Membership, RoleGrant, User
from members.models.communities import current_grant
from newsletter.models import IssueItem
from newsletter.queries import EDITIONS
from newsletter.rules import EDITOR_ROLES
from outbox.actions import find_mailing_list
from outbox.addresses import address_hash
from outbox.models import MailingList, Subscription, Suppression

Edition = IssueItem.Edition
State = Subscription.State
# These stand among the recipients all the same: the fence holds their mail back.
HELD_BACK = ("paused", "in_digest")
# How many addresses are hashed before the next ones are read.
AT_ONCE = 2000


@dataclass
class Readers:
    """Recipients by edition as queries, their numbers, and the numbers of those left out by why.

    Whoever made a pause, or takes it all in the weekly digest, stands in `recipients` too: the
    fence holds their mail back when it is due, and the digest tells of it. They count as left out.
    """

    recipients: dict[str, QuerySet[Subscription]]
    counts: dict[str, int]
    left_out: Counter[str]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def insiders(community: Community, edition: str, *, now: datetime) -> QuerySet[User]:
    """Community.opening the other way round: all people to whom this community opens."""
    categories = [Membership.Category.MEMBER]
    if edition == Edition.MEMBERS_AND_ALLIES:
        categories.append(Membership.Category.ALLY)
    belonging = community.memberships.filter(
        state__in=Membership.CURRENT_STATES, category__in=categories
    )
    working = community.role_grants.filter(current_grant(on=now.date())).exclude(
        role=RoleGrant.Role.EVALUATOR
    )
    walled = Affiliation.objects.exclude(state=Affiliation.State.ENDED).filter(
        organization__is_regulator_or_funder=True
    )
    inside = Q(pk__in=belonging.values("person")) | Q(pk__in=working.values("person"))
    return User.objects.filter(inside, is_active=True).exclude(pk__in=walled.values("person"))


def editors_of(community: Community, *, on: date) -> QuerySet[User]:
    """Editors and coordinators on a day (UTC): they hear how an issue fares."""
    grants = community.role_grants.filter(current_grant(on=on), role__in=EDITOR_ROLES)
    return User.objects.filter(pk__in=grants.values("person"), is_active=True).order_by("pk")


def insider_ids(community: Community, edition: str, *, now: datetime) -> set[int]:
    return set(insiders(community, edition, now=now).values_list("pk", flat=True))


def find_readers(community: Community, *, now: datetime) -> Readers:
    """Subscribed at this moment, one for each address, in the widest edition they may see.

    A few queries, and no row in memory, however many they are.
    """
    mailing_list = find_mailing_list(community.public_id, MailingList.Kind.NEWSLETTER)
    rows = _one_for_each_address(mailing_list)
    wanted = rows.exclude(pk__in=_suppressed(rows, mailing_list))
    wanted = wanted.filter(_may_be_written_to(now))
    members, allies = (
        Q(person__in=insiders(community, edition, now=now))
        for edition in (Edition.MEMBERS, Edition.MEMBERS_AND_ALLIES)
    )
    circles = {
        Edition.MEMBERS: members,
        Edition.MEMBERS_AND_ALLIES: allies & ~members,
        Edition.PUBLIC: ~allies,
    }
    recipients = {edition: wanted.filter(circles[edition]) for edition in EDITIONS}
    counts = {
        edition: found.in_force(now).filter(in_digest=False).count()
        for edition, found in recipients.items()
    }
    left_out = Counter(dict(_reasons(rows, now)))
    left_out["bounced"] += rows.filter(_may_be_written_to(now)).count() - wanted.count()
    left_out["not_asked"] = _never_chose(community, mailing_list)
    return Readers(recipients, counts, +left_out)


def _one_for_each_address(mailing_list: MailingList) -> QuerySet[Subscription]:
    """Whoever has an account decides there: an older row of the bare address counts no more."""
    decided = Subscription.objects.filter(
        mailing_list=mailing_list, person__email=OuterRef("address")
    )
    rows = Subscription.objects.filter(mailing_list=mailing_list)
    return rows.filter(Q(person__isnull=False) | ~Exists(decided))


def _may_be_written_to(now: datetime) -> Q:
    not_over = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    is_open = Q(person__isnull=True) | Q(person__is_active=True)
    return Q(state=State.SUBSCRIBED) & not_over & is_open


def _suppressed(rows: QuerySet[Subscription], mailing_list: MailingList) -> list[int]:
    """Subscribed all the same, but the address is suppressed: rare, and only Python can hash."""
    hashes = set(
        Suppression.objects.filter(
            scope__in=["all", mailing_list.public_id], lifted_at__isnull=True
        ).values_list("address_hash", flat=True)
    )
    if not hashes:
        return []
    subscribed = rows.filter(state=State.SUBSCRIBED).values_list("pk", "address", "person__email")
    return [
        pk
        for pk, address, email in subscribed.iterator(chunk_size=AT_ONCE)
        if address_hash(email or address) in hashes
    ]


def _reasons(rows: QuerySet[Subscription], now: datetime) -> Iterator[tuple[str, int]]:
    """The first reason of each row that gets no mail of its own, counted in one query."""
    reason = Case(
        When(state=State.UNSUBSCRIBED, then=Value("unsubscribed")),
        When(state=State.PENDING, then=Value("unconfirmed")),
        When(~Q(state=State.SUBSCRIBED), then=Value("bounced")),
        When(person__is_active=False, then=Value("closed")),
        When(expires_at__lte=now, then=Value("ended")),
        When(paused_until__gt=now, then=Value("paused")),
        When(in_digest=True, then=Value("in_digest")),
        default=Value(""),
    )
    counted = rows.annotate(why=reason).values("why").annotate(n=Count("pk")).order_by()
    for row in counted:
        if row["why"]:
            yield row["why"], row["n"]


def _never_chose(community: Community, mailing_list: MailingList) -> int:
    """Members and allies without a choice: an unticked box means never."""
    current = community.memberships.filter(state__in=Membership.CURRENT_STATES)
    chose = mailing_list.subscriptions.filter(person__isnull=False).values("person")
    return current.exclude(person__in=chose).values("person").distinct().count()
