"""Who may be invited to a meeting, and how each of them takes invitations."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from meetings.models import Audience, Meeting, Rsvp
from members.models import Affiliation, Community, Membership, RoleGrant, User
from members.models.communities import current_grant
from outbox.addresses import address_hash
from outbox.models import MailingList, Subscription, Suppression

# How somebody takes invitations: by a mail of their own, or what keeps it back. The first two
# of these still read of the meeting, in the weekly digest.
ON_THEIR_OWN = ""
DIGEST, PAUSED, NONE, BOUNCES = "digest", "paused", "no invitations", "bounces"
# They get a row in the outbox: the fence holds it back, and the digest tells of it.
WRITTEN = (ON_THEIR_OWN, DIGEST, PAUSED)
State = Subscription.State


@dataclass(frozen=True)
class InvitationCount:
    """Who would get an invitation of their own, and how many would not, by why."""

    members: int
    allies: int
    excluded: dict[str, int]

    @property
    def total(self) -> int:
        return self.members + self.allies


class Invitees:
    """The insiders of some communities. Four queries, whatever the number of people.

    The rule of Community.opening turned round: nobody behind the wall (P4), and a public meeting
    is told to the same people as one for members and allies.
    """

    def __init__(self, communities: Iterable[Community], *, now: datetime) -> None:
        self.now = now
        self.scopes = {one.pk: one.public_id for one in communities}
        self._members: dict[int, set[int]] = defaultdict(set)
        self._allies: dict[int, set[int]] = defaultdict(set)
        self._read_people()
        self._takes = dict(self._read_choices())

    def _read_people(self) -> None:
        belonging = Membership.objects.filter(
            community__in=self.scopes, state__in=Membership.CURRENT_STATES, person__is_active=True
        )
        for community, person, category in belonging.values_list("community", "person", "category"):
            is_ally = category == Membership.Category.ALLY
            is_member = category == Membership.Category.MEMBER
            if is_member or is_ally:
                (self._members if is_member else self._allies)[community].add(person)
        working = RoleGrant.objects.filter(
            current_grant(on=self.now.date()), community__in=self.scopes, person__is_active=True
        ).exclude(role=RoleGrant.Role.EVALUATOR)
        for community, person in working.values_list("community", "person"):
            self._members[community].add(person)
        self._walled = set(
            Affiliation.objects.exclude(state=Affiliation.State.ENDED)
            .filter(organization__is_regulator_or_funder=True)
            .values_list("person", flat=True)
        )

    def _read_choices(self) -> Iterable[tuple[tuple[str, int], str]]:
        rows = Subscription.objects.filter(
            mailing_list__scope__in=self.scopes.values(),
            mailing_list__kind=MailingList.Kind.INVITATIONS,
            person__isnull=False,
        )
        fields = ("state", "expires_at", "paused_until", "in_digest")
        for scope, person, *row in rows.values_list("mailing_list__scope", "person", *fields):
            yield (scope, person), _takes(*row, now=self.now)

    def members(self, community: int) -> set[int]:
        return self._members[community] - self._walled

    def allies(self, community: int) -> set[int]:
        return self._allies[community] - self._members[community] - self._walled

    def admitted(self, meeting: Meeting) -> set[int]:
        """All insiders whom the audience of this meeting lets in."""
        members = self.members(meeting.community_id)
        if meeting.audience == Audience.MEMBERS_ONLY:
            return members
        return members | self.allies(meeting.community_id)

    def takes(self, community: int, person: int) -> str:
        """An unticked box means never: without a row there are no invitations."""
        return self._takes.get((self.scopes[community], person), NONE)

    def written(self, meeting: Meeting) -> set[int]:
        """Who is written to: the invitation leaves, or stands in the weekly digest."""
        here = meeting.community_id
        return {one for one in self.asked(meeting) if self.takes(here, one) in WRITTEN}

    def asked(self, meeting: Meeting) -> set[int]:
        """A working group asks its few itself: nobody is invited to its meetings by mail."""
        return set() if meeting.kind == Meeting.Kind.WORKING_GROUP else self.admitted(meeting)


def _takes(
    state: str,
    expires_at: datetime | None,
    paused_until: datetime | None,
    in_digest: bool,
    *,
    now: datetime,
) -> str:
    if state == State.BOUNCED:
        return BOUNCES
    if state != State.SUBSCRIBED or (expires_at is not None and expires_at <= now):
        return NONE
    if paused_until is not None and paused_until > now:
        return PAUSED
    return DIGEST if in_digest else ON_THEIR_OWN


def count_invited(meeting: Meeting, *, now: datetime | None = None) -> InvitationCount:
    """Whom announcing would write to, for the page that asks. Seven queries at most."""
    community = meeting.community
    invitees = Invitees([community], now=now or timezone.now())
    answered = Rsvp.objects.filter(meeting=meeting.pk).values_list("person", flat=True)
    people = invitees.asked(meeting) - set(answered)
    takes = {one: invitees.takes(community.pk, one) for one in people}
    for one in _suppressed({one for one in people if takes[one] in WRITTEN}, community):
        takes[one] = BOUNCES
    own = {one for one in people if takes[one] == ON_THEIR_OWN}
    members = own & invitees.members(community.pk)
    excluded = Counter(why for why in takes.values() if why != ON_THEIR_OWN)
    return InvitationCount(len(members), len(own - members), dict(excluded))


def _suppressed(people: set[int], community: Community) -> set[int]:
    """Subscribed all the same, but the address is suppressed: rare, and only Python can hash."""
    lists = MailingList.objects.filter(scope=community.public_id, kind=MailingList.Kind.INVITATIONS)
    everywhere = Suppression.objects.filter(lifted_at__isnull=True, scope="all")
    here = Suppression.objects.filter(lifted_at__isnull=True, scope__in=lists.values("public_id"))
    hashes = set(everywhere.union(here).values_list("address_hash", flat=True))
    if not hashes:
        return set()
    addresses = User.objects.filter(pk__in=people).values_list("pk", "email")
    return {pk for pk, email in addresses if address_hash(email) in hashes}
