"""One verification decides all who wait for the same organization (AM8)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.access import may_review
from members.actions.decisions import approve_application
from members.actions.memberships import local_day
from members.models import (
    Affiliation,
    Community,
    Membership,
    MembershipApplication,
    Organization,
    User,
)
from members.queries import is_affiliated, organization_is_eligible

State = MembershipApplication.State
Standing = Membership.State
Category = Membership.Category


@dataclass
class Outlook:
    """What approving would make of one application; `obstacle`: why it would stay as it is."""

    application: MembershipApplication
    category: str = ""
    obstacle: str = ""
    is_asked: bool = False
    tie: Affiliation | None = None

    @property
    def becomes(self) -> str:
        return str(Category(self.category).label) if self.category else ""


@dataclass
class Decided:
    approved: list[MembershipApplication] = field(default_factory=list)
    left: list[Outlook] = field(default_factory=list)


@dataclass(frozen=True)
class _Known:
    """What the outlooks of all rows need, read once."""

    community: Community
    by: User
    counts: bool
    walled: Collection[int]
    standing: Mapping[int, Collection[str]]
    ties: Mapping[int, Affiliation]


def outlook(
    organization: Organization, community: Community, *, by: User, now: datetime
) -> list[Outlook]:
    """Everybody who waits there, and who would become what. Changes nothing."""
    rows = MembershipApplication.objects.filter(
        organization=organization, community=community, state__in=MembershipApplication.OPEN_STATES
    )
    rows = rows.select_related("person", "community", "organization", "claimed_by")
    found = list(rows.order_by("submitted_at", "pk"))
    known = _read(found, organization, community, by, now)
    return [_look(row, known) for row in found]


def refusal_of(organization: Organization, community: Community, *, by: User, now: datetime) -> str:
    """Why nothing of this organization can be decided together by this person now, if so."""
    if not may_review(by, community):
        return _("Only reviewers and coordinators decide about applications.")
    if is_affiliated(by, organization):
        return _("You belong to %(organization)s yourself. Somebody else decides about it.") % {
            "organization": organization
        }
    if not organization_is_eligible(organization, community, local_day(community, now)):
        return _(
            "Nothing shows yet that %(organization)s counts. Check the papers of one first."
        ) % {"organization": organization}
    return ""


def approve_together(
    *,
    organization: Organization,
    community: Community,
    seen_versions: Mapping[int, int],
    by: User,
    now: datetime,
    message: str = "",
) -> Decided:
    """Approve those that were seen, each by itself: one that cannot be is left out and named.

    `seen_versions`: key of an application -> its version on the page. Raises ActionError without
    the role, for people of the organization (E5), and while nothing shows that it counts. What
    was approved a moment ago, by a second tap, is among the approved and gets no second mail.
    """
    refusal = refusal_of(organization, community, by=by, now=now)
    if refusal:
        raise ActionError(refusal)
    decided = Decided()
    for look in outlook(organization, community, by=by, now=now):
        version = seen_versions.get(look.application.pk)
        if version is not None:
            _approve_one(look, version, decided, by=by, now=now, message=message)
    _add_second_taps(decided, organization, community, seen_versions, by)
    return decided


def _approve_one(
    look: Outlook, version: int, decided: Decided, *, by: User, now: datetime, message: str
) -> None:
    row = look.application
    if not look.obstacle:
        try:
            with transaction.atomic():
                approve_application(
                    application=row, by=by, seen_version=version, now=now, message=message
                )
        except ActionError as error:
            look.obstacle = str(error)
        else:
            decided.approved.append(row)
            return
    decided.left.append(look)


def _add_second_taps(
    decided: Decided,
    organization: Organization,
    community: Community,
    seen_versions: Mapping[int, int],
    by: User,
) -> None:
    """Two taps race: what the other one approved is done, and what others decided is named."""
    done = {row.pk for row in decided.approved}
    lost = {look.application.pk: look for look in decided.left}
    rows = MembershipApplication.objects.filter(
        pk__in=set(seen_versions) - done, organization=organization, community=community
    ).exclude(state__in=MembershipApplication.OPEN_STATES)
    for row in rows.select_related("person", "reviewer").order_by("submitted_at", "pk"):
        look = lost.get(row.pk)
        mine = row.reviewer_id == by.pk and row.version == seen_versions[row.pk] + 1
        if row.state == State.APPROVED and mine:
            decided.approved.append(row)
            if look is not None:
                decided.left.remove(look)
        elif look is None:
            decided.left.append(Outlook(row, obstacle=_("Was decided in the meantime.")))


def _read(
    rows: list[MembershipApplication],
    organization: Organization,
    community: Community,
    by: User,
    now: datetime,
) -> _Known:
    people = [row.person_id for row in rows]
    standing: dict[int, set[str]] = {}
    stands = Membership.objects.filter(community=community, person__in=people)
    for person, state in stands.values_list("person_id", "state"):
        standing.setdefault(person, set()).add(state)
    current = Affiliation.objects.filter(person__in=people).exclude(state=Affiliation.State.ENDED)
    walled = current.filter(organization__is_regulator_or_funder=True)
    return _Known(
        community=community,
        by=by,
        counts=organization_is_eligible(organization, community, local_day(community, now)),
        walled=set(walled.values_list("person_id", flat=True)),
        standing=standing,
        ties={tie.person_id: tie for tie in current.filter(organization=organization)},
    )


def _look(row: MembershipApplication, known: _Known) -> Outlook:
    look = Outlook(
        row, is_asked=row.state == State.INFO_REQUESTED, tie=known.ties.get(row.person_id)
    )
    look.category = _category(row, known)
    look.obstacle = _obstacle(row, look.category, look.tie, known)
    return look


def _category(row: MembershipApplication, known: _Known) -> str:
    """As `category_after_approval` says it, from what was read for all."""
    if row.person_id in known.walled or row.organization.is_regulator_or_funder:
        return Category.ALLY
    if known.community.admission_policy == Community.Admission.OPEN:
        return Category.MEMBER
    provider = row.applying_as == MembershipApplication.ApplyingAs.PROVIDER
    return Category.MEMBER if provider and known.counts else Category.ALLY


def _obstacle(
    row: MembershipApplication, category: str, tie: Affiliation | None, known: _Known
) -> str:
    standing = known.standing.get(row.person_id, ())
    if row.person_id == known.by.pk:
        return _("This is your own application. Somebody else decides about it.")
    if Standing.SUSPENDED in standing:
        return _("This membership is suspended. End the suspension first.")
    if Standing.REMOVED in standing:
        return _("Was removed before: decide about this one by itself.")
    if tie is None or tie.state == Affiliation.State.DISPUTED:
        return _("The organization has not said yes to this link: decide about this one by itself.")
    if category == Category.ALLY and not known.community.allies_allowed:
        return _("Would be an ally, and this community takes no allies.")
    return ""
