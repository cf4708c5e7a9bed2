"""The organizations that we know, held in memory: a list asks for thousands of them at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from members.actions.imports.columns import fold
from members.models import Affiliation, Community, MembershipApplication, Organization, User
from members.queries import known_organizations
from members.queries.organizations import FREE_MAIL, NEAR_NAME, digits_of, host_of

# Pages of everybody: they say nothing about who an organization is.
SHARED_HOSTS = FREE_MAIL | {
    "facebook.com", "m.facebook.com", "instagram.com", "linkedin.com", "ca.linkedin.com",
    "sites.google.com", "linktr.ee", "youtube.com",
}  # fmt: skip
OPEN = Q(applications__state__in=MembershipApplication.OPEN_STATES)


@dataclass
class Found:
    """One that may be meant, why, and whether there is no doubt."""

    organization: Organization
    reason: str
    is_sure: bool


class KnownOrganizations:
    def __init__(self, community: Community, by: User) -> None:
        rows = Organization.objects.exclude(status=Organization.Status.MERGED).order_by("pk")
        self.rows = {row.pk: row for row in rows}
        self.names: dict[str, list[int]] = defaultdict(list)
        self.hosts: dict[str, list[int]] = defaultdict(list)
        self.phones: dict[str, list[int]] = defaultdict(list)
        self.pieces: dict[str, list[int]] = defaultdict(list)
        self.lengths: dict[int, int] = {}
        for row in self.rows.values():
            self._note(row)
        here = Community.objects.filter(pk=community.pk)
        self.mine = set(known_organizations(here).values_list("pk", flat=True))
        self.elsewhere = resting_elsewhere(by)
        # Addresses of the list behind which there is an account.
        self.accounts: set[str] = set()

    def _note(self, row: Organization) -> None:
        for name in {fold(row.name), fold(row.legal_name)} - {""}:
            self.names[name].append(row.pk)
        for host in {host_of(one) for one in (*row.domains, row.web)} - SHARED_HOSTS - {""}:
            self.hosts[host].append(row.pk)
        if digits := digits_of(row.phone):
            self.phones[digits].append(row.pk)
        pieces = pieces_of(fold(row.name))
        self.lengths[row.pk] = len(pieces)
        for piece in pieces:
            self.pieces[piece].append(row.pk)

    def may_change(self, row: Organization) -> bool:
        """Known here, and no other community has decided on it."""
        return row.pk in self.mine and row.pk not in self.elsewhere

    def may_vouch(self, row: Organization) -> bool:
        """May a list of this community confirm who works there, and who speaks for it?"""
        return row.pk not in self.elsewhere

    def named(self, name: str) -> list[Organization]:
        """Those of exactly this name, capitals and accents aside; ours first."""
        found = [self.rows[pk] for pk in self.names.get(fold(name), [])]
        return [row for row in found if row.pk in self.mine] or found

    def find(
        self, *, name: str, legal_name: str, city: str, hosts: Iterable[str], phone: str
    ) -> Found | None:
        """The one that is meant, or the likeliest that may be (O4)."""
        same = list(dict.fromkeys([*self.named(name), *self.named(legal_name or name)]))
        if same:
            near = [row for row in same if is_same_place(row.city, city)]
            is_sure = len(near) == 1
            return Found((near or same)[0], "" if is_sure else _say_same(same), is_sure)
        for host in hosts:
            if host in self.hosts:
                return self._doubt(self.hosts[host][0], _("the same web or mail domain"))
        if (digits := digits_of(phone)) in self.phones:
            return self._doubt(self.phones[digits][0], _("the same phone number"))
        pk = self.like(name)
        return self._doubt(pk, _("a name much like it")) if pk else None

    def _doubt(self, pk: int, reason: str) -> Found:
        return Found(self.rows[pk], reason, is_sure=False)

    def like(self, name: str) -> int | None:
        """The one whose name shares the most threes of letters, if they are enough."""
        wanted = pieces_of(fold(name))
        shared: Counter[int] = Counter()
        for piece in wanted:
            shared.update(self.pieces.get(piece, ()))
        best = max(
            shared.items(),
            key=lambda one: (one[1] / (len(wanted) + self.lengths[one[0]] - one[1]), -one[0]),
            default=(0, 0),
        )
        if not best[0]:
            return None
        share = best[1] / (len(wanted) + self.lengths[best[0]] - best[1])
        return best[0] if share >= NEAR_NAME else None


def pieces_of(folded: str) -> set[str]:
    """Threes of letters with the gaps at both ends, as the database counts likeness."""
    padded = [f"  {word} " for word in folded.split()]
    return {word[at : at + 3] for word in padded for at in range(len(word) - 2)}


def is_same_place(one: str, other: str) -> bool:
    """Not known to be two different towns."""
    return not one or not other or fold(one) == fold(other)


def resting_elsewhere(by: User) -> set[int]:
    """Those that a community where this person reviews nothing decided on, or is asked to."""
    mine = Community.objects.staffed_by(by, "reviewer", "coordinator").values("pk")
    others = Community.objects.exclude(pk__in=mine)
    found: set[int] = set()
    for path in ("partners__organization", "criteria__evidence__organization"):
        found |= set(others.values_list(path, flat=True))
    found |= set(others.filter(OPEN).values_list("applications__organization", flat=True))
    return found - {None}


def current_contacts(pks: Iterable[int]) -> set[tuple[int, str]]:
    """(organization, address) of those who speak for them already."""
    ties = Affiliation.objects.filter(
        organization__in=list(pks), is_contact=True, state=Affiliation.State.CONFIRMED
    )
    return {(pk, email.lower()) for pk, email in ties.values_list("organization", "person__email")}


def _say_same(rows: list[Organization]) -> str:
    return _("the same name in another town") if len(rows) == 1 else _("several have this name")
