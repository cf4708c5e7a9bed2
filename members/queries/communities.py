"""What the parts of a community say together: is it ready, what is in use, who stands where."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    When,
)
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import (
    AgreementAcceptance,
    Community,
    Membership,
    ParticipationAgreement,
    Partner,
    RoleGrant,
    Stream,
    StreamChoice,
    User,
)
from members.models.communities import current_grant

if TYPE_CHECKING:
    Visitor = User | AnonymousUser

# In use as long as nobody has set up a stream.
TEXTS = ArrayField(TextField())
# Written out: on each page of a community the ORM would take longer to write these two than
# PostgreSQL takes to answer. The rules are those of Membership.CURRENT_STATES, current_grant and
# User.is_walled (tests/members/queries/test_communities.py compares).
STREAM_FEATURES = """array(
    SELECT kind || ':' || array_to_string(features, ',') FROM members_stream
    WHERE community_id = members_community.id AND is_active)"""
STANDING = """array(
    SELECT 'is ' || category FROM members_membership
    WHERE community_id = members_community.id AND person_id = %s AND state IN ('active', 'grace')
    UNION ALL
    SELECT 'role ' || role FROM members_rolegrant
    WHERE community_id = members_community.id AND person_id = %s AND starts_on <= %s
    AND (ends_on IS NULL OR ends_on >= %s)
    UNION ALL
    SELECT 'walled' FROM members_affiliation AS tie
    JOIN members_organization AS place ON place.id = tie.organization_id
    WHERE tie.person_id = %s AND tie.state <> 'ended' AND place.is_regulator_or_funder)"""
BASICS = frozenset({Stream.Feature.MEETINGS.value, Stream.Feature.LIBRARY.value})


@dataclass(frozen=True)
class Part:
    """One thing that a community needs before it can open (C1)."""

    code: str
    label: str | Promise
    is_there: bool


def parts_of(community: Community, on: date) -> list[Part]:
    """The checklist, in the order in which people work through it."""
    texts = [
        ("domain", _("A text on the domain: what it is about")),
        ("community", _("A text on the community: who takes part")),
        ("practice", _("A text on the practice: what people share")),
    ]
    parts = [Part(name, label, _is_said(community, name)) for name, label in texts]
    coordinators = community.role_grants.filter(current_grant(on=on), person__is_active=True)
    rows: list[tuple[str, Promise, QuerySet]] = [
        ("agreement", _("A participation agreement"), community.agreements.all()),
        ("stream", _("A stream in use"), community.streams.filter(is_active=True)),
        (
            "coordinator",
            _("A coordinator"),
            coordinators.filter(role=RoleGrant.Role.COORDINATOR),
        ),
        ("host", _("Exactly one host"), _hosts(community, on)),
    ]
    if community.admission_policy == Community.Admission.CRITERIA:
        rows.append(
            ("criterion", _("A criterion in use"), community.criteria.filter(is_active=True))
        )
    parts += [Part(code, label, found.exists()) for code, label, found in rows]
    parts += [
        Part("contact", _("An address for replies"), bool(community.contact_email.strip())),
        Part("address", _("The postal address of the sender"), bool(_line(community))),
    ]
    return parts


def _is_said(community: Community, field: str) -> bool:
    return bool((getattr(community, field) or getattr(community, f"{field}_fr")).strip())


def _line(community: Community) -> str:
    return community.postal_address.strip()


def _hosts(community: Community, on: date) -> QuerySet[Partner]:
    begun = Q(starts_on__isnull=True) | Q(starts_on__lte=on)
    return community.partners.filter(begun, role=Partner.Role.HOST, ends_on=None)


def missing_parts(community: Community, on: date) -> list[Part]:
    return [part for part in parts_of(community, on) if not part.is_there]


def current_partners(community: Community, on: date) -> QuerySet[Partner]:
    """Those of today, the host first, then in the order that the coordinator gave."""
    begun = Q(starts_on__isnull=True) | Q(starts_on__lte=on)
    rows = community.partners.filter(begun, Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    comes_later = Case(When(role=Partner.Role.HOST, then=0), default=1)
    return rows.select_related("organization").order_by(comes_later, "position", "pk")


def host_of(community: Community) -> Partner | None:
    hosts = community.partners.filter(role=Partner.Role.HOST, ends_on=None)
    return hosts.select_related("organization").first()


def with_features(rows: QuerySet[Community]) -> QuerySet[Community]:
    """Each with what its streams have in use, so that the frame of a page asks nothing more."""
    return rows.annotate(stream_features=RawSQL(STREAM_FEATURES, [], TEXTS))  # noqa: S611


def with_standing(rows: QuerySet[Community], person: "Visitor") -> QuerySet[Community]:
    """Each with what this person is there (`i_am`), in the same question."""
    if not person.is_authenticated:
        return rows
    today = timezone.now().date()
    keys = [person.pk, person.pk, today, today, person.pk]
    return rows.annotate(i_am=RawSQL(STANDING, keys, TEXTS))  # noqa: S611


def holds_here(community: Community, *roles: str) -> bool:
    """For a community that was read by `with_standing`; else nothing is known, so no."""
    return any(f"role {role}" in getattr(community, "i_am", ()) for role in roles)


def is_walled_here(community: Community, person: "Visitor") -> bool:
    """Works for a funder or regulator: from what `with_standing` read, else asked."""
    if hasattr(community, "i_am"):
        return "walled" in community.i_am
    return person.is_authenticated and person.is_walled()


def belongs_here(community: Community, person: "Visitor") -> bool:
    """Is there a current membership? For a community that was read by `with_standing`."""
    if not person.is_authenticated:
        return False
    if person.sees_as_member_of is not None:
        return person.sees_as_member_of == community
    return any(one.startswith("is ") for one in getattr(community, "i_am", ()))


def finds_members(community: Community, person: "Visitor") -> bool:
    """Do the places where members find each other stand in this person's menu?

    The rule of Community.opening for members, from what `with_standing` has read; the rows of
    these places ask Community.opening itself.
    """
    if not person.is_authenticated:
        return False
    if person.sees_as_member_of is not None:
        return True
    known = set(getattr(community, "i_am", ()))
    works = any(one.startswith("role ") for one in known - {"role evaluator"})
    return "walled" not in known and (works or "is member" in known)


def audiences_here(community: Community, person: "Visitor") -> frozenset[str] | None:
    """What this person may see here: of public, members_and_allies, members_only.

    The rule of Community.opening, from what `with_standing` has read in the same question as the
    community. None where nothing was read: then the rows must be asked.
    """
    if community.status == Community.Status.ARCHIVED:
        return frozenset()
    if not person.is_authenticated:
        return frozenset({"public"})
    if not hasattr(community, "i_am"):
        return None
    known = set(community.i_am)
    works = any(one.startswith("role ") for one in known - {"role evaluator"})
    if person.sees_as_member_of is not None:
        works = person.sees_as_member_of == community
        known &= {"walled"}
    if "walled" in known or not (works or known & {"is member", "is ally"}):
        return frozenset({"public"})
    allies = frozenset({"public", "members_and_allies"})
    return allies | {"members_only"} if works or "is member" in known else allies


def features_of(community: Community) -> frozenset[str]:
    """The parts in use: those of the active streams together; the basics where there is none."""
    told = getattr(community, "stream_features", None)
    if told is None:
        rows = community.streams.filter(is_active=True).values_list("kind", "features")
        return _together(rows)
    pairs = [one.partition(":") for one in told]
    return _together((kind, list(filter(None, names.split(",")))) for kind, _colon, names in pairs)


def _together(rows: Iterable[tuple[str, list[str]]]) -> frozenset[str]:
    found: set[str] = set()
    for kind, features in rows:
        found.update(features or [one.value for one in Stream.FEATURES_OF[kind]])
    return frozenset(found) or BASICS


@dataclass(frozen=True)
class AllyShare:
    allies: int
    people: int
    most: int

    @property
    def percent(self) -> int:
        return round(100 * self.allies / self.people) if self.people else 0

    @property
    def is_over(self) -> bool:
        return 100 * self.allies > self.most * self.people


def ally_share(community: Community) -> AllyShare:
    """How many of a hundred people here are allies: a hint for the coordinator, never a bar."""
    here = Q(state__in=Membership.CURRENT_STATES, category__in=["member", "ally"])
    counts = community.memberships.filter(here).aggregate(
        people=Count("pk"), allies=Count("pk", filter=Q(category="ally"))
    )
    return AllyShare(counts["allies"], counts["people"], community.ally_share_max)


def agreement_to_accept(person: User, community: Community) -> ParticipationAgreement | None:
    """The newest text that asks everybody again, where this person has not said yes since."""
    since = AgreementAcceptance.objects.filter(
        person=person,
        agreement__community=OuterRef("community"),
        agreement__version__gte=OuterRef("version"),
    )
    asking = community.agreements.filter(~Exists(since), asks_again=True)
    return asking.order_by("-version").first()


@dataclass(frozen=True)
class Followed:
    stream: Stream
    follows: bool


def streams_followed(person: User) -> list[Followed]:
    """The streams of one's communities, and whether one follows them: by choice, else by kind."""
    mine = person.memberships.filter(state__in=Membership.CURRENT_STATES)
    chosen = StreamChoice.objects.filter(stream=OuterRef("pk"), person=person)
    rows = Stream.objects.filter(community__in=mine.values("community"), is_active=True)
    rows = rows.exclude(community__status=Community.Status.ARCHIVED)
    rows = rows.annotate(choice=ArraySubquery(chosen.values("follows")[:1]))
    rows = rows.select_related("community").order_by("community__name", "community_id", "pk")
    return [
        Followed(row, row.choice[0] if row.choice else row.is_followed_by_default) for row in rows
    ]
