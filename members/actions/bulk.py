"""One verification decides all who wait for the same organization (AM8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.access import may_review
from members.actions.decisions import approve_application
from members.actions.memberships import local_day
from members.models import Community, Membership, MembershipApplication, Organization, User
from members.queries import category_after_approval, is_affiliated, organization_is_eligible

State = MembershipApplication.State


@dataclass
class Outlook:
    """What approving would make of one application; `obstacle`: why it would stay as it is."""

    application: MembershipApplication
    category: str = ""
    obstacle: str = ""
    is_asked: bool = False


@dataclass
class Decided:
    approved: list[MembershipApplication] = field(default_factory=list)
    left: list[Outlook] = field(default_factory=list)


def outlook(
    organization: Organization, community: Community, *, by: User, now: datetime
) -> list[Outlook]:
    """Everybody who waits there, and who would become what. Changes nothing."""
    rows = MembershipApplication.objects.filter(
        organization=organization, community=community, state__in=MembershipApplication.OPEN_STATES
    )
    rows = rows.select_related("person", "community", "organization")
    return [_look(row, by, now) for row in rows.order_by("submitted_at", "pk")]


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
    the role, for people of the organization (E5), and while nothing shows that it counts.
    """
    refusal = refusal_of(organization, community, by=by, now=now)
    if refusal:
        raise ActionError(refusal)
    decided = Decided()
    for look in outlook(organization, community, by=by, now=now):
        row = look.application
        if row.pk not in seen_versions or look.obstacle:
            decided.left.append(look)
            continue
        try:
            with transaction.atomic():
                approve_application(
                    application=row,
                    by=by,
                    seen_version=seen_versions[row.pk],
                    now=now,
                    message=message,
                )
        except ActionError as error:
            look.obstacle = str(error)
            decided.left.append(look)
        else:
            decided.approved.append(row)
    return decided


def _look(row: MembershipApplication, by: User, now: datetime) -> Outlook:
    look = Outlook(row, is_asked=row.state == State.INFO_REQUESTED)
    standing = row.community.memberships.filter(person=row.person)
    if row.person_id == by.pk:
        look.obstacle = _("This is your own application. Somebody else decides about it.")
    elif standing.filter(state=Membership.State.SUSPENDED).exists():
        look.obstacle = _("This membership is suspended. End the suspension first.")
    elif standing.filter(state=Membership.State.REMOVED).exists():
        look.obstacle = _("Was removed before: decide about this one by itself.")
    else:
        category = category_after_approval(row, local_day(row.community, now))
        look.category = Membership.Category(category).label
        if category == Membership.Category.ALLY and not row.community.allies_allowed:
            look.obstacle = _("Would be an ally, and this community takes no allies.")
    return look
