"""Who gets an issue, in which edition, and who does not and why. Asked when it is sent (N3)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from members.models import Affiliation, Community, Membership, RoleGrant, User
from members.models.communities import current_grant
from newsletter.models import IssueItem
from newsletter.queries import EDITIONS
from outbox.actions import find_mailing_list
from outbox.addresses import address_hash
from outbox.models import MailingList, Subscription, Suppression

Edition = IssueItem.Edition
State = Subscription.State
REASONS = {
    State.UNSUBSCRIBED: "unsubscribed",
    State.PENDING: "unconfirmed",
    State.BOUNCED: "bounced",
    State.COMPLAINED: "bounced",
}


@dataclass
class Readers:
    """Recipients by edition, and the number of those left out by reason."""

    by_edition: dict[str, list[int]] = field(
        default_factory=lambda: {edition: [] for edition in EDITIONS}
    )
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(len(rows) for rows in self.by_edition.values())


def insider_ids(community: Community, edition: str, *, now: datetime) -> set[int]:
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
    people = User.objects.filter(inside, is_active=True).exclude(pk__in=walled.values("person"))
    return set(people.values_list("pk", flat=True))


def find_readers(community: Community, *, now: datetime) -> Readers:
    """Subscribed at this moment, one for each address, in the widest edition they may see."""
    mailing_list = find_mailing_list(community.public_id, MailingList.Kind.NEWSLETTER)
    rows = list(mailing_list.subscriptions.select_related("person").order_by("pk"))
    suppressed = _suppressed(mailing_list)
    inside = {
        edition: insider_ids(community, edition, now=now)
        for edition in (Edition.MEMBERS, Edition.MEMBERS_AND_ALLIES)
    }
    readers = Readers()
    # Whoever has an account decides there: an older row of the bare address counts no more.
    decided = {row.person.email.lower() for row in rows if row.person_id}
    for row in rows:
        if row.person is None and row.address.lower() in decided:
            continue
        reason = _reason(row, suppressed)
        if reason:
            readers.left_out[reason] += 1
        else:
            edition = next((e for e in inside if row.person_id in inside[e]), Edition.PUBLIC)
            readers.by_edition[edition].append(row.pk)
    readers.left_out["not_asked"] = _never_chose(community, rows)
    return readers


def _suppressed(mailing_list: MailingList) -> set[str]:
    rows = Suppression.objects.filter(
        scope__in=["all", mailing_list.public_id], lifted_at__isnull=True
    )
    return set(rows.values_list("address_hash", flat=True))


def _reason(row: Subscription, suppressed: set[str]) -> str:
    if row.state != State.SUBSCRIBED:
        return REASONS[row.state]
    if row.person is not None and not row.person.is_active:
        return "closed"
    address = row.person.email if row.person else row.address
    return "bounced" if address_hash(address) in suppressed else ""


def _never_chose(community: Community, rows: list[Subscription]) -> int:
    """Members and allies without a choice: an unticked box means never."""
    current = community.memberships.filter(state__in=Membership.CURRENT_STATES)
    chose = [row.person_id for row in rows if row.person_id]
    return current.exclude(person__in=chose).values("person").distinct().count()
